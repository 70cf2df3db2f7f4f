"""The form that starts a run: what it is about, and the inputs that the definition declares."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from valuefabric.models import Customer
from vos.web.forms.typed import TypedForm
from workflows.definition import Definition

_CUSTOMER = "customer"


class WorkflowStartForm(TypedForm):
    """A definition that takes a customer asks for one by name; of others it can be told whom they are about."""

    subject = forms.ChoiceField(label=_("Customer"), required=False, widget=forms.Select({"class": "input"}))

    def __init__(
        self, *args: Any, definition: Definition, customers: Sequence[Customer], given: Mapping[str, Any], **kwargs: Any
    ) -> None:
        specs = {name: spec for name, spec in definition.inputs.items() if name != _CUSTOMER}
        super().__init__(*args, specs=specs, given=given, **kwargs)
        self._takes_customer = _CUSTOMER in definition.inputs
        chosen = self.fields["subject"]
        blank = [] if self._takes_customer else [("", _("No particular one"))]
        chosen.choices = [*blank, *((str(one.public_id), one.name) for one in customers)]  # type: ignore[attr-defined]
        chosen.required = self._takes_customer
        chosen.initial = given.get(_CUSTOMER, "")

    @property
    def subject_reference(self) -> str:
        """What the run is about."""
        return f"customer:{chosen}" if (chosen := self.cleaned_data["subject"]) else ""

    @property
    def run_inputs(self) -> dict[str, Any]:
        """What the run is started with."""
        customer = {_CUSTOMER: self.cleaned_data["subject"]} if self._takes_customer else {}
        return {**customer, **self.values}
