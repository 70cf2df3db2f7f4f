"""The form of a what-if: what it is called, what it stands on, the share of benefits, and each row that it changes."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import EditRefused, FigureRefused, decimal_mark_of, read_typed
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.variation import BUILT_IN, Change, NamedScenario
from vos.web.presenters.amounts import typed

MOST = 40  # changes in one form; a what-if of more is written in the sheet and kept from there
_INPUT = {"class": "input", "autocomplete": "off"}
_FIGURE = {"class": "input num", "autocomplete": "off", "inputmode": "decimal"}
_WAYS = (
    ("factor", gettext_lazy("its figures times")),
    ("values", gettext_lazy("other figures")),
    ("formula", gettext_lazy("another formula")),
)


class SheetWhatIfForm(forms.Form):
    """A what-if that there is, or a new one. Changes are numbered fields: ``row_0``, ``way_0``, ``values_0_y1`` …"""

    label = forms.CharField(label=gettext_lazy("What it is called"), max_length=200, widget=forms.TextInput(_INPUT))
    why = forms.CharField(
        label=gettext_lazy("Why, for instance what would have to happen"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(_INPUT),
    )
    on = forms.ChoiceField(label=gettext_lazy("It stands on"), required=False, widget=forms.Select({"class": "input"}))
    benefits_at = forms.CharField(
        label=gettext_lazy("Share of every benefit that counts"),
        required=False,
        max_length=40,
        widget=forms.TextInput(_FIGURE),
        help_text=gettext_lazy("50 % halves every benefit. Empty: all of it."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, scenario: NamedScenario | None) -> None:
        super().__init__(data, initial=_initial(scenario))
        self.document, self.scenario = document, scenario
        changes = scenario.changes if scenario else ()
        self.count = min(_number(data.get("count", "")), MOST) if data is not None else len(changes)
        self._choices("on", _bases(document, scenario))
        for place in range(self.count):
            self._add(str(place), changes[place] if data is None else None)
        self._add("n", None)  # what the script copies for another change
        self.made: NamedScenario | None = None

    @property
    def changes(self) -> Iterator[dict[str, Any]]:
        """The fields of each change together."""
        yield from (self._fields(str(place)) for place in range(self.count))

    @property
    def blank(self) -> dict[str, Any]:
        """The fields of a change still to be made, numbered n."""
        return self._fields("n")

    @property
    def key(self) -> str:
        """The what-if's key; a free one, out of the label, for a new one."""
        return self.scenario.key if self.scenario else self._free_key(self.cleaned_data["label"])

    def clean(self) -> dict[str, Any]:
        """Every change read; rows once each."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        seen: set[str] = set()
        self.entries: list[dict[str, Any]] = []
        for place in range(self.count):
            key = cleaned.get(f"row_{place}")
            if not key:
                continue  # a change without a row is taken away
            if key in seen:
                self.add_error(f"row_{place}", _("This row is changed twice. Put both into one."))
            seen.add(key)
            self._entry(str(place), self.document.row(key), cleaned)
        self.share = self._share(cleaned.get("benefits_at", "").strip())
        if not self.errors and not self.entries and self.share is None:
            self.add_error(None, _("A what-if changes something. Add a change, or a share of the benefits."))
        return cleaned

    def edits(self) -> list[dict[str, Any]]:
        """The one edit that keeps it. For a valid form."""
        plain = {
            "key": self.key,
            "label": self.cleaned_data["label"].strip(),
            "on": self.cleaned_data["on"] or "base",
            "why": self.cleaned_data["why"].strip(),
            "changes": self.entries,
            "benefits_at": None if self.share is None else f"{self.share:f}",
        }
        return [{"op": "scenario", "scenario": plain}]

    def refuse(self, error: EditRefused) -> None:
        """Show what does not fit beside the change that it is about, else above the form."""
        for problem in error.problems:
            places = [place for place in range(self.count) if self.cleaned_data.get(f"row_{place}") == problem.row]
            told = f"{problem.message} ({_('position')} {problem.position})" if problem.position else problem.message
            self.add_error(f"row_{places[0]}" if places else None, told)

    def _add(self, place: str, change: Change | None) -> None:
        rows = [("", _("choose a row")), *((row.key, row.label) for row in self.document.rows)]
        row = self.document.row(change.row) if change else None
        way = "factor" if change is None or change.factor is not None else "formula" if change.formula is not None else "values"
        self.fields[f"row_{place}"] = forms.ChoiceField(
            label=_("Row"),
            choices=rows,
            required=False,
            initial=change.row if change else "",
            widget=forms.Select({"class": "input", "data-row-of": place}),
        )
        self.fields[f"way_{place}"] = forms.ChoiceField(
            label=_("It has"), choices=_WAYS, required=False, initial=way, widget=forms.Select({"class": "input"})
        )
        factor = typed(change.factor, "percent") if change and change.factor is not None else ""
        self._text(f"factor_{place}", _("times"), factor, {**_FIGURE, "placeholder": "80 %"})
        formula = change.formula if change and change.formula else ""
        self._text(f"formula_{place}", _("Formula"), formula, {"class": "input formula-text", "spellcheck": "false"}, most=2001)
        figures = _spread(change, self.document) if change and row else {}
        for period in self.document.periods:
            told = typed(figures[period], row.unit) if row and period in figures else ""
            self._text(f"values_{place}_{period}", self.document.label_of(period), told, {**_FIGURE, "data-period": period})
        self._text(f"why_{place}", _("Why"), change.why if change else "", _INPUT, most=2000)

    def _text(self, name: str, label: str, initial: str, attributes: Mapping[str, str], most: int = 60) -> None:
        widget = forms.TextInput({"autocomplete": "off", **attributes})
        self.fields[name] = forms.CharField(label=label, required=False, initial=initial, max_length=most, widget=widget)

    def _fields(self, place: str) -> dict[str, Any]:
        names = ("row", "way", "factor", "formula", "why")
        return {
            "place": place,
            **{name: self[f"{name}_{place}"] for name in names},
            "values": [self[f"values_{place}_{period}"] for period in self.document.periods],
        }

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined] # a choice field, which the stubs cannot know

    def _entry(self, place: str, row: Row, cleaned: dict[str, Any]) -> None:
        way = cleaned.get(f"way_{place}") or "factor"
        made: dict[str, Any] = {"row": row.key, "why": cleaned.get(f"why_{place}", "").strip()}
        if way == "formula":
            formula = cleaned.get(f"formula_{place}", "").strip().removeprefix("=").strip()
            if not formula:
                self.add_error(f"formula_{place}", _("Write the formula."))
            made["formula"] = formula
        elif way == "factor":
            made["factor"] = self._read(f"factor_{place}", cleaned, "ratio", "")
        else:
            made["values"] = self._figures(place, row, cleaned)
        self.entries.append(made)

    def _figures(self, place: str, row: Row, cleaned: dict[str, Any]) -> list[str]:
        """Figures for every column; an empty one is the row's own, which a formula has not."""
        names = [f"values_{place}_{period}" for period in self.document.periods]
        try:
            mark = decimal_mark_of(cleaned.get(name, "") for name in names)
        except FigureRefused as error:
            self.add_error(names[0], str(error))
            return []
        own = row.values or ()
        made = []
        for index, name in enumerate(names):
            if not cleaned.get(name, "").strip() and own:
                made.append(f"{own[index]:f}")
            else:
                made.append(self._read(name, cleaned, row.unit, mark))
        return made

    def _read(self, name: str, cleaned: dict[str, Any], unit: str, mark: str) -> str:
        try:
            return f"{read_typed(cleaned.get(name, ''), unit, mark):f}"
        except FigureRefused as error:
            self.add_error(name, str(error))
            return "0"

    def _share(self, text: str) -> Decimal | None:
        if not text:
            return None
        try:
            share = read_typed(text, "percent")
        except FigureRefused as error:
            self.add_error("benefits_at", str(error))
            return None
        if not 0 <= share <= 1:
            self.add_error("benefits_at", _("A share is between 0 and 100 %."))
        return share

    def _free_key(self, label: str) -> str:
        words = re.sub(r"_+", "_", slugify(label).replace("-", "_")).strip("_")[:40].strip("_")
        stem = words if words and words[0].isalpha() else f"what_if_{words}".rstrip("_")
        taken = {one.key for one in self.document.scenarios} | BUILT_IN
        return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 200))) if name not in taken)


def _bases(document: ModelDocument, scenario: NamedScenario | None) -> list[tuple[str, str]]:
    """What a what-if may stand on: the base, the ends of the ranges, another what-if."""
    others = [(one.key, one.label) for one in document.scenarios if scenario is None or one.key != scenario.key]
    return [("base", _("the base")), ("low", _("the low case")), ("high", _("the high case")), *others]


def _spread(change: Change, document: ModelDocument) -> dict[str, Decimal]:
    figures = change.values or ()
    every = figures * len(document.periods) if len(figures) == 1 else figures
    return dict(zip(document.periods, every, strict=False))


def _number(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _initial(scenario: NamedScenario | None) -> dict[str, Any]:
    if scenario is None:
        return {"on": "base"}
    on = {"expected": "base", "conservative": "low", "best": "high"}.get(scenario.on, scenario.on)
    share = typed(scenario.benefits_at, "percent") if scenario.benefits_at is not None else ""
    return {"label": scenario.label, "why": scenario.why, "on": on, "benefits_at": share}
