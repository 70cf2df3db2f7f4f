"""What of a row's figures counts, and when: phases, one-time and recurring amounts, growth, shares."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.recurrence import Escalation, Timing
from valuefabric.domain.model.share import read_rate, read_share
from vos.web.forms.phase import COMING, GOING, PhaseForm, plain_phase
from vos.web.presenters.amounts import typed

_SELECT = {"class": "input"}
_SHARE = {"class": "input", "autocomplete": "off", "list": "shares", "spellcheck": "false"}
_TIMINGS = (
    ("", gettext_lazy("in every column, as it is written")),
    ("once", gettext_lazy("once")),
    ("every", gettext_lazy("again and again")),
)
_STEPS = (("period", gettext_lazy("from column to column")), ("yearly", gettext_lazy("once a year, as contracts do")))


def _share_field(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=64, widget=forms.TextInput(_SHARE), help_text=help_text)


class RowEffectForm(forms.Form):
    """The fields; ``changes`` are those of the model format that differ from the row's."""

    timing = forms.ChoiceField(label=gettext_lazy("It falls due"), choices=_TIMINGS, required=False, widget=forms.Select(_SELECT))
    once_in = forms.ChoiceField(label=gettext_lazy("In"), required=False, widget=forms.Select(_SELECT))
    every = forms.IntegerField(
        label=gettext_lazy("Every so many columns"),
        required=False,
        min_value=1,
        max_value=120,
        widget=forms.TextInput({"class": "input num", "inputmode": "numeric", "autocomplete": "off"}),
    )
    first = forms.ChoiceField(label=gettext_lazy("From"), required=False, widget=forms.Select(_SELECT))
    last = forms.ChoiceField(label=gettext_lazy("Until"), required=False, widget=forms.Select(_SELECT))
    growth = _share_field(
        gettext_lazy("Growth a year"), gettext_lazy("3 %, −2 %, or the name of a row. The first column is as written.")
    )
    growth_steps = forms.ChoiceField(
        label=gettext_lazy("It grows"), choices=_STEPS, required=False, widget=forms.Select(_SELECT), initial="period"
    )
    attribution = _share_field(
        gettext_lazy("Attribution"), gettext_lazy("The share of it that this offer brings about: 60 %, or the name of a row.")
    )
    probability = _share_field(gettext_lazy("Probability"), gettext_lazy("How likely it is to come at all: 80 %, or a row."))
    adjustment = _share_field(
        gettext_lazy("Risk adjustment"), gettext_lazy("Taken off a benefit, added to a cost, to be careful: 5 %.")
    )
    adjusted_by = forms.ChoiceField(
        label=gettext_lazy("Or its formula takes it off already, as"),
        required=False,
        widget=forms.Select(_SELECT),
        help_text=gettext_lazy("Of a benefit: the row with the share. It changes no figure; the gate counts it."),
    )
    outside_contract = forms.BooleanField(label=gettext_lazy("It goes on beyond the contract"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, row: Row | None) -> None:
        super().__init__(data, initial=_initial(row))
        self.row, self.document = row, document
        self.coming = PhaseForm(data, prefix=COMING, phase=row.phase_in if row else None)
        self.going = PhaseForm(data, prefix=GOING, phase=row.phase_out if row else None)
        columns = [(period, document.label_of(period)) for period in document.periods]
        self._choose("once_in", columns)
        self._choose("first", [("", _("the first column")), *columns])
        percents = [(row.key, row.label) for row in document.rows if row.values and _is_share(row, self.row)]
        self._choose("adjusted_by", [("", _("no row")), *percents])
        self._choose("last", [("", _("the last column")), *columns])
        self.has_contract = document.timeline is not None and document.timeline.contract is not None
        self.made: dict[str, Any] = {}

    @property
    def shares(self) -> list[tuple[str, str]]:
        """Rows that may say a share or a rate: key and label."""
        return [(row.key, row.label) for row in self.document.rows if row.unit == "percent" and row is not self.row]

    @property
    def says_something(self) -> bool:
        """Whether anything is set, or wrong, so that the fields should be seen."""
        filled = self.data if self.is_bound else self.initial
        names = (
            "timing",
            "growth",
            "attribution",
            "probability",
            "adjustment",
            "adjusted_by",
            "outside_contract",
            "in-shape",
            "out-shape",
        )
        phases = bool(self.row and (self.row.phase_in or self.row.phase_out))
        return bool(self.errors) or (phases and not self.is_bound) or any(filled.get(name) for name in names)

    def is_valid(self) -> bool:
        """The fields and both phases; all are asked, so that every mistake is shown at once."""
        return all([super().is_valid(), self.coming.is_valid(), self.going.is_valid()])

    def clean(self) -> dict[str, Any]:
        """Everything read as the model has it, in ``made``."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.made = {
            "timing": self._timing(cleaned),
            "escalation": self._growth(cleaned),
            "attribution": self._share("attribution", cleaned),
            "probability": self._share("probability", cleaned),
            "risk_adjustment": self._adjustment(cleaned),
            "risk_adjusted_by": cleaned.get("adjusted_by") or None,
            "outside_contract": bool(cleaned.get("outside_contract")),
        }
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What differs from the row, by the names of the model format. For a valid form."""
        made = {**self.made, "phase_in": self.coming.made, "phase_out": self.going.made}
        default: Mapping[str, Any] = {"outside_contract": False}
        return {
            name: _plain(value)
            for name, value in made.items()
            if value != (getattr(self.row, name) if self.row else default.get(name))
        }

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined] # a choice field, which the stubs cannot know

    def _timing(self, cleaned: dict[str, Any]) -> Timing | None:
        kind = cleaned.get("timing")
        if kind == "once":
            return Timing(once=cleaned.get("once_in") or self.document.periods[0])
        if kind != "every":
            return None
        first, last = cleaned.get("first") or None, cleaned.get("last") or None
        periods = self.document.periods
        if first and last and periods.index(first) > periods.index(last):
            self.add_error("last", _("This is before its beginning."))
        return Timing(every=cleaned.get("every") or 1, first=first, last=last)

    def _growth(self, cleaned: dict[str, Any]) -> Escalation | None:
        rate = self._figure("growth", cleaned, read_rate)
        if rate is None:
            return None
        since = self.row.escalation.since if self.row and self.row.escalation else None
        return Escalation(rate=rate, since=since, steps=cleaned.get("growth_steps") or "period")

    def _share(self, name: str, cleaned: dict[str, Any]) -> Decimal | str | None:
        return self._figure(name, cleaned, read_share)

    def _adjustment(self, cleaned: dict[str, Any]) -> Decimal | None:
        found = self._figure("adjustment", cleaned, read_share)
        if isinstance(found, str):
            self.add_error("adjustment", _("Write a percentage here."))
            return None
        return found

    def _figure(self, name: str, cleaned: dict[str, Any], check: Any) -> Decimal | str | None:
        """A figure, or the key of a row, by key or by what it is called."""
        text = cleaned.get(name, "").strip()
        if not text:
            return None
        named = next((row.key for row in self.document.rows if text in (row.key, row.label)), None)
        try:
            found: Decimal | str = check(named or read_typed(text, "percent"))
        except FigureRefused as error:
            self.add_error(name, f"{error} {_('Or write the name of a row.')}")
            return None
        except ValueError as error:
            self.add_error(name, str(error))
            return None
        return found


def _is_share(row: Row, of: Row | None) -> bool:
    """Whether the row may be the share that another's formula takes off for risk."""
    return row.unit == "percent" or (of is not None and of.risk_adjusted_by == row.key)


def _plain(value: Any) -> Any:
    """As JSON carries it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if hasattr(value, "shape"):
        return plain_phase(value)
    return value.model_dump(mode="json", exclude_none=True) if hasattr(value, "model_dump") else value


def _initial(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    timing, growth = row.timing, row.escalation
    return {
        "timing": "" if timing is None else "once" if timing.once else "every",
        "once_in": timing.once if timing else "",
        "every": timing.every if timing else None,
        "first": (timing.first or "") if timing else "",
        "last": (timing.last or "") if timing else "",
        "growth": _told(growth.rate) if growth else "",
        "growth_steps": growth.steps if growth else "period",
        "attribution": _told(row.attribution),
        "probability": _told(row.probability),
        "adjustment": _told(row.risk_adjustment),
        "adjusted_by": row.risk_adjusted_by or "",
        "outside_contract": row.outside_contract,
    }


def _told(share: Decimal | str | None) -> str:
    return "" if share is None else share if isinstance(share, str) else typed(share, "percent")
