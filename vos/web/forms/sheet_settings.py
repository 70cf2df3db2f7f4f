"""The columns of a model and how flows become measures: how many, which months they are, how long the contract runs, the rate."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from valuefabric.domain.editing import EditRefused
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.timeline import Timeline
from vos.web.presenters.amounts import typed

_INPUT = {"class": "input", "autocomplete": "off"}
_NUMBER = {"class": "input num", "inputmode": "numeric", "autocomplete": "off"}
_WHEN = (
    ("year_end", gettext_lazy("at the end of each column")),
    ("mid_year", gettext_lazy("in the middle of each column")),
)


def _whole(label: Any, least: int, most: int, *, help_text: Any = "", required: bool = False) -> forms.IntegerField:
    widget = forms.TextInput(_NUMBER)
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required, widget=widget, help_text=help_text)


class SheetSettingsForm(forms.Form):
    """Fields of the conventions and of the timeline; ``edits`` says what differs."""

    count = _whole(gettext_lazy("Columns"), 1, 120, help_text=gettext_lazy("New ones continue the last figure."), required=True)
    rate = forms.CharField(label=gettext_lazy("Discount rate of a year"), max_length=40, widget=forms.TextInput(_INPUT))
    discounting = forms.ChoiceField(label=gettext_lazy("Money flows"), choices=_WHEN, widget=forms.Select({"class": "input"}))
    start = forms.CharField(
        label=gettext_lazy("First month"),
        required=False,
        max_length=7,
        widget=forms.TextInput({**_INPUT, "placeholder": "2027-01"}),
        help_text=gettext_lazy("Like 2027-01. Columns are named after it."),
    )
    fiscal = _whole(gettext_lazy("The fiscal year begins with month"), 1, 12, help_text=gettext_lazy("4 is April."))
    term = _whole(gettext_lazy("The contract runs, in months"), 1, 1200, help_text=gettext_lazy("Empty: as long as the columns."))
    term_from = _whole(gettext_lazy("From month number"), 1, 1200, help_text=gettext_lazy("1 is the first month of the model."))

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument) -> None:
        super().__init__(data, initial=_initial(document))
        self.document = document
        self.made: Timeline | None = document.timeline

    def clean(self) -> dict[str, Any]:
        """The timeline in ``made``."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        contract = {"months": cleaned["term"], "first_month": cleaned.get("term_from")} if cleaned.get("term") else None
        start = cleaned["start"].strip() or None
        fiscal = cleaned.get("fiscal") or 1
        try:
            plain = {"start": start, "fiscal_year_start": fiscal, "contract": contract}
            self.made = Timeline.model_validate(plain) if start or contract or fiscal != 1 else None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            self.add_error("start", first["msg"].removeprefix("Value error, "))
        return cleaned

    def edits(self) -> list[dict[str, Any]]:
        """For a valid form."""
        cleaned, made = self.cleaned_data, []
        if cleaned["count"] != len(self.document.periods):
            made.append({"op": "periods", "count": cleaned["count"]})
        changed = {
            name: value
            for name, value, was in (
                ("discount_rate", cleaned["rate"].strip(), self.initial["rate"]),
                ("discounting", cleaned["discounting"], self.initial["discounting"]),
            )
            if value != was
        }
        if changed:
            made.append({"op": "conventions", "set": changed})
        if self._differs():
            plain = None if self.made is None else self.made.model_dump(mode="json", exclude_none=True)
            made.append({"op": "timeline", "set": plain})
        return made

    def refuse(self, error: EditRefused) -> None:
        """Say above the form what does not fit."""
        for problem in error.problems:
            self.add_error(None, problem.message)

    def _differs(self) -> bool:
        """Whether the fields come to another timeline; a contract that begins with a month of the calendar is the same one."""
        return any((self.cleaned_data[name] or None) != (self.initial[name] or None) for name in ("start", "fiscal", *_TERM))


_TERM = ("term", "term_from")


def _initial(document: ModelDocument) -> dict[str, Any]:
    timeline, conventions = document.timeline, document.conventions
    contract = timeline.contract if timeline else None
    return {
        "count": len(document.periods),
        "rate": typed(conventions.discount_rate, "percent"),
        "discounting": conventions.discounting,
        "start": (timeline.start or "") if timeline else "",
        "fiscal": timeline.fiscal_year_start if timeline and timeline.fiscal_year_start != 1 else None,
        "term": contract.months if contract else None,
        "term_from": timeline.first_contract_month if timeline and contract and timeline.first_contract_month > 1 else None,
    }
