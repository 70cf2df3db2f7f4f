"""The form of one row inside the sheet's drawer, for a row that there is and for a new one; what it says becomes edits."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import EditRefused
from valuefabric.domain.model import ModelDocument, Row
from vos.web.forms.row import LEVELS, SOURCES
from vos.web.forms.row_chance import RowChanceForm
from vos.web.forms.row_effect import RowEffectForm
from vos.web.forms.row_overlap import RowOverlapForm
from vos.web.presenters.amounts import typed

KEPT = "kept"
_INPUT = {"class": "input", "autocomplete": "off"}
_PARTS = ("low", "values", "high")
_ROLES = (
    ("", gettext_lazy("a step of the calculation")),
    ("benefit", gettext_lazy("a benefit")),
    ("cost", gettext_lazy("a cost")),
)
_KINDS = (("values", gettext_lazy("figures, one for each column")), ("formula", gettext_lazy("a formula over other rows")))


class SheetRowForm(forms.Form):
    """A row's words, figures with their ranges, or its formula. Figures are read when the edits are applied."""

    label = forms.CharField(label=gettext_lazy("What it is called"), max_length=200, widget=forms.TextInput(_INPUT))
    key = forms.CharField(
        label=gettext_lazy("Name in formulas"),
        max_length=64,
        required=False,
        widget=forms.TextInput({**_INPUT, "spellcheck": "false"}),
        help_text=gettext_lazy("Letters, digits, single underscores. Formulas follow when it changes."),
    )
    unit = forms.CharField(
        label=gettext_lazy("What it counts"),
        max_length=64,
        widget=forms.TextInput({**_INPUT, "list": "units"}),
        help_text=gettext_lazy("USD, percent, hours, tickets/year, USD/hour …"),
    )
    driver = forms.ChoiceField(label=gettext_lazy("Driver"), required=False, widget=forms.Select({"class": "input"}))
    role = forms.ChoiceField(label=gettext_lazy("It is"), choices=_ROLES, required=False, widget=forms.Select({"class": "input"}))
    kind = forms.ChoiceField(label=gettext_lazy("It has"), choices=_KINDS, widget=forms.Select({"class": "input"}))
    formula = forms.CharField(
        label=gettext_lazy("Formula"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"class": "input formula-text", "rows": 2, "spellcheck": "false"}),
    )
    confidence = forms.ChoiceField(
        label=gettext_lazy("Confidence"), choices=LEVELS, required=False, widget=forms.Select({"class": "input"})
    )
    source_kind = forms.ChoiceField(
        label=gettext_lazy("Where the figures come from"),
        choices=SOURCES,
        required=False,
        widget=forms.Select({"class": "input"}),
    )
    reference = forms.CharField(
        label=gettext_lazy("Citation"),
        required=False,
        max_length=500,
        widget=forms.TextInput(_INPUT),
        help_text=gettext_lazy("Who said it, where and when. Needed for a new source."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"class": "input", "rows": 2})
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, row: Row | None, driver: str = "") -> None:
        super().__init__(data, initial=_initial(row, document, driver))
        self.row, self.document = row, document
        self.effect = RowEffectForm(data, document=document, row=row)
        self.chance = RowChanceForm(data, document=document, row=row)
        self.overlap = RowOverlapForm(data, document=document, row=row)
        choices = [("", _("none: for every driver, or apart from them")), *((one.key, one.label) for one in document.drivers)]
        self.fields["driver"].choices = choices  # type: ignore[attr-defined] # a choice field, which the stubs cannot know
        for part in _PARTS:
            figures = getattr(row, part) if row else None
            for index, period in enumerate(document.periods):
                self.fields[f"{part}_{period}"] = forms.CharField(
                    label=document.label_of(period),
                    required=False,
                    initial=typed(figures[index], row.unit) if figures and row else "",
                    max_length=60,
                    widget=forms.TextInput({"class": "input num", "autocomplete": "off", "inputmode": "decimal"}),
                )

    @property
    def periods(self) -> Iterator[dict[str, Any]]:
        """The fields of each column together: low, base, high."""
        for period in self.document.periods:
            fields = {part: self[f"{part}_{period}"] for part in _PARTS}
            yield {
                "label": self.document.label_of(period),
                "low": fields["low"],
                "base": fields["values"],
                "high": fields["high"],
            }

    @property
    def units(self) -> list[str]:
        """Units that the model has, and what it is in."""
        return list(dict.fromkeys([self.document.currency, "percent", *(row.unit for row in self.document.rows)]))

    def is_valid(self) -> bool:
        """The form and all that stands under "More"; all are asked, so that every mistake is shown at once."""
        return all([super().is_valid(), self.effect.is_valid(), self.chance.is_valid(), self.overlap.is_valid()])

    def clean(self) -> dict[str, Any]:
        """A formula where one is promised, and a citation for a new source."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == "formula" and not cleaned.get("formula", "").strip():
            self.add_error("formula", _("Write the formula, or choose figures."))
        if self._source_is_new() and not cleaned.get("reference", "").strip():
            self.add_error("reference", _("Write who said it, where and when; a figure without a source is not accepted."))
        return cleaned

    @property
    def row_key(self) -> str:
        """What formulas will call the row. For a valid form."""
        written: str = self.cleaned_data["key"].strip()
        return written or (self.row.key if self.row else self._free_key(self.cleaned_data["label"]))

    def edits(self) -> list[dict[str, Any]]:
        """What the form says, as the sheet's edits. For a valid form."""
        cleaned, key = self.cleaned_data, self.row_key
        described = self._described()
        if self.row is None:
            made: list[dict[str, Any]] = [{"op": "add_row", "row": {"key": key, **described}}]
        else:
            made = [{"op": "row", "row": self.row.key, "set": described}]
            if (self.row.driver or "") != cleaned["driver"]:
                made.append({"op": "move_row", "row": self.row.key, "driver": cleaned["driver"] or None})
        cells = self._cells(self.row.key if self.row else key)
        if cells and cleaned["kind"] == "values":
            made.append({"op": "cells", "cells": cells})
        if self.row is not None and key != self.row.key:
            made.append({"op": "rename_row", "row": self.row.key, "key": key})
        return [*made, *self.overlap.edits(key), *self.chance.edits(key)]

    def refuse(self, error: EditRefused) -> None:
        """Show what does not fit beside the field that it is about."""
        for problem in error.problems:
            name = f"{problem.part}_{problem.period}" if problem.period else "formula" if problem.part == "formula" else None
            told = f"{problem.message} ({_('position')} {problem.position})" if problem.position else problem.message
            self.add_error(name if name in self.fields else None, told)

    def _described(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        made: dict[str, Any] = {name: cleaned[name].strip() for name in ("label", "unit", "note")}
        made |= {"role": cleaned["role"] or None, "confidence": cleaned["confidence"] or None}
        if cleaned["kind"] == "formula":
            made["formula"] = cleaned["formula"].strip().removeprefix("=").strip()
        elif self.row is not None and self.row.formula is not None:
            made["formula"] = None
        if self.row is None:
            made["driver"] = cleaned["driver"] or None
        if self._source_is_new():
            made["source"] = {"kind": cleaned["source_kind"], "reference": cleaned["reference"].strip()}
        return made | self.effect.changes() | self.chance.changes(computed=cleaned["kind"] == "formula")

    def _source_is_new(self) -> bool:
        return bool(self.cleaned_data.get("source_kind", "")) and self.cleaned_data["source_kind"] != KEPT

    def _cells(self, key: str) -> list[dict[str, str]]:
        """The figures that differ from what the row has; without ends, no range."""
        made = []
        for part in _PARTS:
            for period in self.document.periods:
                name = f"{part}_{period}"
                text = self.cleaned_data.get(name, "").strip()
                if text != (self.fields[name].initial or ""):
                    made.append({"row": key, "period": period, "part": part, "text": text})
        return made

    def _free_key(self, label: str) -> str:
        """A name for formulas, out of the label."""
        words = re.sub(r"_+", "_", slugify(label).replace("-", "_")).strip("_")[:40] or "row"
        words = words if words[0].isalpha() else f"row_{words}"
        taken = {row.key for row in self.document.rows}
        return next(name for name in (words, *(f"{words}_{n}" for n in range(2, 2000))) if name not in taken)


def _initial(row: Row | None, document: ModelDocument, driver: str) -> dict[str, Any]:
    if row is None:
        return {"driver": driver, "kind": "values", "unit": document.currency, "source_kind": KEPT}
    return {
        "label": row.label,
        "key": row.key,
        "unit": row.unit,
        "driver": row.driver or "",
        "role": row.role or "",
        "kind": "formula" if row.formula else "values",
        "formula": row.formula or "",
        "confidence": row.confidence or "",
        "source_kind": KEPT,
        "note": row.note,
    }
