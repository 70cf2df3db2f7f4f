"""The form of one row of a model: its figures, their range, where they come from, and why they change."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.services.value_models import RowEdit
from vos.web.presenters.amounts import NoFigure, plain_span, read, typed

_INPUT = {"class": "input", "autocomplete": "off"}
_KEPT = "kept"
SOURCES = (
    (_KEPT, gettext_lazy("As it is")),
    ("estimate", gettext_lazy("An estimate")),
    ("benchmark", gettext_lazy("A benchmark")),
    ("published", gettext_lazy("A published figure")),
    ("policy", gettext_lazy("A policy of ours")),
)
LEVELS = (
    ("", gettext_lazy("not said")),
    ("high", gettext_lazy("high")),
    ("medium", gettext_lazy("medium")),
    ("low", gettext_lazy("low")),
)
_FIGURES = ("values", "low", "high")


class RowForm(forms.Form):
    """One field for each period's figure and for the ends of its range; refused figures say how to write them."""

    confidence = forms.ChoiceField(
        label=gettext_lazy("Confidence"), choices=LEVELS, required=False, widget=forms.Select({"class": "input"})
    )
    source_kind = forms.ChoiceField(
        label=gettext_lazy("Where the figures come from"), choices=SOURCES, widget=forms.Select({"class": "input"})
    )
    reference = forms.CharField(
        label=gettext_lazy("Citation"),
        required=False,
        max_length=500,
        widget=forms.TextInput(_INPUT),
        help_text=gettext_lazy("Who said it, where and when. Needed for a new source."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=forms.TextInput(_INPUT),
        error_messages={"required": gettext_lazy("Say why, in a few words: it stays in the row's history.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, row: Row, document: ModelDocument, reason: str = "") -> None:
        super().__init__(data, initial={"confidence": row.confidence or "", "source_kind": _KEPT, "reason": reason})
        self.row, self.document = row, document
        for name in _FIGURES:
            figures: tuple[Decimal, ...] | None = getattr(row, name)
            for index, period in enumerate(document.periods):
                initial = typed(figures[index], row.unit) if figures else ""
                self.fields[f"{name}_{period}"] = forms.CharField(
                    label=document.label_of(period),
                    required=name == "values",
                    initial=initial,
                    max_length=60,
                    widget=forms.TextInput({"class": "input num", "autocomplete": "off", "inputmode": "decimal"}),
                )

    @property
    def periods(self) -> Iterator[dict[str, Any]]:
        """The fields of each period together: low, base, high."""
        for period in self.document.periods:
            fields = {name: self[f"{name}_{period}"] for name in _FIGURES}
            yield {
                "label": self.document.label_of(period),
                **{("base" if key == "values" else key): one for key, one in fields.items()},
            }

    def clean(self) -> dict[str, Any]:
        """Figures read; both ends of a range or none, and the base between them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in _FIGURES:
            for period in self.document.periods:
                self._read(f"{name}_{period}", cleaned)
        for period in self.document.periods:
            self._check_range(period, cleaned)
        if cleaned.get("source_kind") != _KEPT and not cleaned.get("reference", "").strip():
            self.add_error("reference", _("Write who said it, where and when; a figure without a source is not accepted."))
        return cleaned

    def edit(self) -> RowEdit:
        """What was typed, as ``model_row_update`` takes it. For a valid form."""
        cleaned = self.cleaned_data
        made: RowEdit = {"values": self._figures("values"), "confidence": cleaned["confidence"] or None}
        for name in ("low", "high"):
            figures = self._figures(name)
            made[name] = figures
        if cleaned["source_kind"] != _KEPT:
            made["source"] = {"kind": cleaned["source_kind"], "reference": cleaned["reference"].strip()}
        return made

    def _figures(self, name: str) -> list[Decimal] | None:
        figures = [self.cleaned_data.get(f"{name}_{period}") for period in self.document.periods]
        known = [figure for figure in figures if isinstance(figure, Decimal)]
        return known if len(known) == len(figures) else None

    def _read(self, name: str, cleaned: dict[str, Any]) -> None:
        text = cleaned.get(name)
        if not text:
            return
        try:
            cleaned[name] = read(text, self.row.unit)
        except NoFigure as error:
            self.add_error(name, str(error))

    def _check_range(self, period: str, cleaned: dict[str, Any]) -> None:
        low, base, high = (cleaned.get(f"{name}_{period}") for name in ("low", "values", "high"))
        if bool(low in (None, "")) != bool(high in (None, "")):
            self.add_error(f"high_{period}" if low not in (None, "") else f"low_{period}", _("A range has two ends: write both."))
        elif isinstance(low, Decimal) and isinstance(base, Decimal) and isinstance(high, Decimal) and not low <= base <= high:
            told = _("The base lies outside %(range)s. Write one inside, or widen the range.")
            self.add_error(f"values_{period}", told % {"range": plain_span(low, high, self.row.unit)})
