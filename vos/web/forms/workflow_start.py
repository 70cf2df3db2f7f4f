"""The form that starts a run: what it is about, and the inputs that the definition declares."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from valuefabric.models import Customer
from vos.web.forms.typed import TypedForm
from workflows.definition import Definition

_CUSTOMER = "customer"
MOST_CUSTOMERS = 500


class WorkflowStartForm(TypedForm):
    """A definition that takes a customer asks for one by name; of others it can be told whom they are about.

    Inputs ``without`` which it is (a trigger sets them) have no field; ``about``: it is said already what the run is about.
    """

    subject = forms.ChoiceField(label=_("Customer"), required=False, widget=forms.Select({"class": "input"}))

    def __init__(
        self,
        *args: Any,
        definition: Definition,
        customers: Sequence[Customer],
        given: Mapping[str, Any],
        without: frozenset[str] = frozenset(),
        about: bool = False,
        **kwargs: Any,
    ) -> None:
        asked = {name: spec for name, spec in definition.inputs.items() if name not in without}
        super().__init__(*args, specs={name: spec for name, spec in asked.items() if name != _CUSTOMER}, given=given, **kwargs)
        self._takes_customer = _CUSTOMER in asked
        if not self._takes_customer and (about or without):
            del self.fields["subject"]
            return
        chosen = self.fields["subject"]
        blank = [] if self._takes_customer else [("", _("No particular one"))]
        chosen.choices = [*blank, *((str(one.public_id), one.name) for one in customers)]  # type: ignore[attr-defined]
        chosen.required = self._takes_customer
        chosen.initial = given.get(_CUSTOMER, "")

    @property
    def subject_reference(self) -> str:
        """What the run is about."""
        return f"customer:{chosen}" if (chosen := self.cleaned_data.get("subject")) else ""

    @property
    def run_inputs(self) -> dict[str, Any]:
        """What the run is started with."""
        customer = {_CUSTOMER: self.cleaned_data["subject"]} if self._takes_customer else {}
        return {**customer, **self.values}
