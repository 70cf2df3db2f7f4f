"""The form of a workflow's limit: how many runs at once, and how many starts in a time."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from workflows.limits.models import LONGEST_WINDOW, MOST_STARTS, DefinitionLimit

_NUMBER = {"class": "input", "autocomplete": "off"}


class LimitForm(forms.Form):
    """What is left empty is not bounded."""

    at_once = forms.IntegerField(
        label=_("Runs at once"), required=False, min_value=1, max_value=MOST_STARTS, widget=forms.NumberInput(_NUMBER)
    )
    key = forms.ChoiceField(
        label=_("Counted for each"),
        required=False,
        widget=forms.Select({"class": "input"}),
        help_text=_("Runs with the same value share their places."),
    )
    starts = forms.IntegerField(
        label=_("Starts"), required=False, min_value=1, max_value=MOST_STARTS, widget=forms.NumberInput(_NUMBER)
    )
    per_seconds = forms.IntegerField(
        label=_("In so many seconds"), required=False, min_value=1, max_value=LONGEST_WINDOW, widget=forms.NumberInput(_NUMBER)
    )

    def __init__(self, data: QueryDict | None = None, *, inputs: list[str], limit: DefinitionLimit | None) -> None:
        names = ("at_once", "key", "starts", "per_seconds")
        super().__init__(data, initial={name: getattr(limit, name) for name in names} if limit else {})
        known = {f"${{inputs.{name}}}": name for name in inputs}
        written = limit.key if limit else ""
        if written and written not in known:
            known[written] = written  # one that was written by hand or in the definition stays to be chosen
        self.fields["key"].choices = [("", _("All runs together")), *known.items()]  # type: ignore[attr-defined]

    @property
    def bounds(self) -> dict[str, Any]:
        """What ``limit_put`` takes."""
        return {name: self.cleaned_data[name] for name in ("at_once", "key", "starts", "per_seconds")}
