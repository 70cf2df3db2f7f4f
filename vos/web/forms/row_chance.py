"""How an input may fall out: its distribution, and which other inputs it moves with."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.risk.distribution import Discrete, Distribution
from vos.web.presenters.amounts import typed

_KINDS = (
    ("", gettext_lazy("a triangle over its range, unless said otherwise")),
    ("triangular", gettext_lazy("triangle: straight lines from low over the base to high")),
    ("pert", gettext_lazy("PERT: a smooth hill, the ends are rare")),
    ("uniform", gettext_lazy("even: every figure of the range is as likely")),
    ("normal", gettext_lazy("normal: the bell curve")),
    ("lognormal", gettext_lazy("lognormal: above zero, with a long tail upwards")),
    ("discrete", gettext_lazy("one of several outcomes")),
)
_LISTS = {"normal": ("mean", "deviation"), "lognormal": ("mean", "deviation")}
_SINGLES = {"pert": ("weight",), "normal": ("minimum", "maximum"), "lognormal": ("minimum", "maximum")}
_TEXT = {"class": "input num", "autocomplete": "off", "inputmode": "decimal"}
_SLOTS = 3  # free places for further inputs that it moves with
_DISTRIBUTION: TypeAdapter[Distribution] = TypeAdapter(Distribution)


def _figure_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=600, widget=forms.TextInput(_TEXT), help_text=help_text)


class RowChanceForm(forms.Form):
    """The distribution; its figures are in the row's unit. Ends of its own, which have no field, stay while the kind does."""

    chance = forms.ChoiceField(label=gettext_lazy("It falls out as"), choices=_KINDS, required=False)
    weight = _figure_field(gettext_lazy("Weight of the base"), gettext_lazy("4 unless written; more trusts the base more."))
    deviation = _figure_field(
        gettext_lazy("Standard deviation"), gettext_lazy("Without it, low and high are passed by one of ten each.")
    )
    mean = _figure_field(gettext_lazy("Mean"), gettext_lazy("The base unless written; needs a deviation."))
    minimum = _figure_field(gettext_lazy("Never below"))
    maximum = _figure_field(gettext_lazy("Never above"))
    outcomes = forms.CharField(
        label=gettext_lazy("Outcomes"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"class": "input", "rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, figure and probability: 100,000: 30 %. Together they are 100 %."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, row: Row | None) -> None:
        super().__init__(data, initial=_initial(row))
        self.row, self.document = row, document
        self.fields["chance"].widget.attrs["class"] = "input"
        self.made: Distribution | None = row.distribution if row else None
        self.ranks: dict[str, Decimal] = {}
        others = [("", _("no other input")), *((one.key, one.label) for one in document.rows if one.values and one is not row)]
        before = _correlated(document, row)
        self._slots = len(before) + _SLOTS
        for place, (key, rank) in enumerate([*before, *[("", "")] * _SLOTS]):
            self.fields[f"with_{place}"] = forms.ChoiceField(
                label=_("Moves with"), choices=others, required=False, initial=key, widget=forms.Select({"class": "input"})
            )
            self.fields[f"rank_{place}"] = forms.CharField(
                label=_("Rank"), required=False, initial=rank, max_length=20, widget=forms.TextInput(_TEXT)
            )

    @property
    def pairs(self) -> Iterator[dict[str, Any]]:
        """The places for other inputs; those that are empty after the first empty one are left out of sight."""
        empty = 0
        for place in range(self._slots):
            pair = {"with": self[f"with_{place}"], "rank": self[f"rank_{place}"]}
            empty += not pair["with"].value()
            yield {**pair, "spare": empty > 1}

    @property
    def says_something(self) -> bool:
        """Whether anything is set, or wrong, so that the fields should be seen."""
        return bool(self.errors) or bool(self["chance"].value()) or any(pair["with"].value() for pair in self.pairs)

    def clean(self) -> dict[str, Any]:
        """The distribution in ``made``, the ranks by row in ``ranks``."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.made = self._distribution(cleaned) if not self.errors else None
        for place in range(self._slots):
            key = cleaned.get(f"with_{place}")
            if key:
                self._rank(key, f"rank_{place}", cleaned.get(f"rank_{place}", ""))
        return cleaned

    def changes(self, *, computed: bool) -> dict[str, Any]:
        """The row's ``distribution`` where it differs; a formula has none. For a valid form."""
        made = None if computed else self.made
        if made == (self.row.distribution if self.row else None):
            return {}
        return {"distribution": None if made is None else made.model_dump(mode="json", exclude_none=True)}

    def edits(self, key: str) -> list[dict[str, Any]]:
        """The correlations that differ, of the row that is called ``key`` by now."""
        before = {name: Decimal(rank) for name, rank in _correlated(self.document, self.row)}
        gone = [{"op": "correlation", "between": [key, name], "rank": None} for name in before if name not in self.ranks]
        fresh = [
            {"op": "correlation", "between": [key, name], "rank": f"{rank:f}"}
            for name, rank in self.ranks.items()
            if before.get(name) != rank
        ]
        return [*gone, *fresh]

    def _rank(self, key: str, name: str, text: str) -> None:
        try:
            rank = read_typed(text, "number")
        except FigureRefused:
            self.add_error(name, _("Write how strongly, from −1 (opposite) over 0 to 1 (always together), such as 0.6."))
            return
        if not -1 <= rank <= 1:
            self.add_error(name, _("A rank is between −1 and 1."))
        elif key in self.ranks:
            self.add_error(name, _("This input is named twice."))
        else:
            self.ranks[key] = rank

    def _distribution(self, cleaned: dict[str, Any]) -> Distribution | None:
        kind = cleaned.get("chance")
        if not kind:
            return None
        former = self.row.distribution if self.row else None
        made: dict[str, Any] = former.model_dump() if former is not None and former.kind == kind else {"kind": kind}
        try:
            made |= self._figures(kind, cleaned)
            return _DISTRIBUTION.validate_python({name: value for name, value in made.items() if value is not None})
        except ValidationError as error:
            self.add_error("outcomes" if kind == "discrete" else "chance", _first(error))
        except _Wrong as wrong:
            self.add_error(wrong.field, str(wrong))
        return None

    def _figures(self, kind: str, cleaned: dict[str, Any]) -> dict[str, Any]:
        if kind == "discrete":
            return {"outcomes": [self._outcome(line) for line in cleaned.get("outcomes", "").splitlines() if line.strip()]}
        made: dict[str, Any] = {}
        for name in _LISTS.get(kind, ()):
            made[name] = self._read(name, cleaned.get(name, "")) or None
        for name in _SINGLES.get(kind, ()):
            unit = "number" if name == "weight" else None
            found = self._read(name, cleaned.get(name, ""), unit)
            made[name] = found[0] if found else Decimal(4) if name == "weight" else None
        return made

    def _outcome(self, line: str) -> dict[str, Any]:
        figures, found, chance = line.rpartition(":")
        if not found:
            raise _Wrong("outcomes", _("“%(line)s” has no probability; write it like 100,000: 30 %%.") % {"line": line.strip()})
        (probability,) = self._read("outcomes", chance, "percent") or [Decimal(0)]
        return {"value": self._read("outcomes", figures), "probability": probability}

    def _read(self, name: str, text: str, unit: str | None = None) -> list[Decimal]:
        """One figure, or several with semicolons between them. Raises _Wrong."""
        try:
            words = [word for word in text.split(";") if word.strip()] if ";" in text else [text] if text.strip() else []
            return [read_typed(word, unit or (self.row.unit if self.row else "number")) for word in words]
        except FigureRefused as error:
            raise _Wrong(name, str(error)) from error


class _Wrong(ValueError):
    """What was typed into a field cannot be read."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return first["msg"].removeprefix("Value error, ")


def _correlated(document: ModelDocument, row: Row | None) -> list[tuple[str, str]]:
    """The inputs that the row is correlated with, and how."""
    if row is None:
        return []
    own = [one for one in document.correlations if row.key in one.between]
    return [(next(key for key in one.between if key != row.key), f"{one.rank:f}") for one in own]


def _initial(row: Row | None) -> dict[str, Any]:
    declared = row.distribution if row else None
    if row is None or declared is None:
        return {"weight": "4"}
    made: dict[str, Any] = {"chance": declared.kind}
    for name in ("mean", "deviation"):
        made[name] = _listed(getattr(declared, name, None), row.unit)
    for name in ("minimum", "maximum"):
        value = getattr(declared, name, None)
        made[name] = "" if value is None else typed(value, row.unit)
    made["weight"] = f"{getattr(declared, 'weight', 4):f}"
    if isinstance(declared, Discrete):
        lines = (f"{_listed(one.value, row.unit)}: {typed(one.probability, 'percent')}" for one in declared.outcomes)
        made["outcomes"] = "\n".join(lines)
    return made


def _listed(figures: tuple[Decimal, ...] | None, unit: str) -> str:
    return "; ".join(typed(figure, unit) for figure in figures or ())
