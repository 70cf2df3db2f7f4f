"""How an effect comes, or goes: a few fields that a row's form and a driver's share."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.model.phase import Phase
from vos.web.presenters.amounts import typed

COMING, GOING = "in", "out"
_SHAPES: Mapping[str, tuple[tuple[str, Any], ...]] = {
    COMING: (
        ("", gettext_lazy("all of it from the beginning")),
        ("linear", gettext_lazy("evenly, a little more each month")),
        ("s_curve", gettext_lazy("slowly, then fast, then slowly")),
        ("step", gettext_lazy("all at once, but later")),
        ("custom", gettext_lazy("in steps that I write down")),
    ),
    GOING: (
        ("", gettext_lazy("it stays")),
        ("linear", gettext_lazy("evenly, a little less each month")),
        ("s_curve", gettext_lazy("slowly, then fast, then slowly")),
        ("step", gettext_lazy("all at once")),
        ("custom", gettext_lazy("in steps that I write down")),
    ),
}
_UNITS = (("months", gettext_lazy("months")), ("periods", gettext_lazy("columns")))
_SELECT, _NUMBER = {"class": "input"}, {"class": "input num", "inputmode": "numeric", "autocomplete": "off"}


class PhaseForm(forms.Form):
    """One phase; without a shape there is none. ``prefix`` is COMING or GOING."""

    shape = forms.ChoiceField(required=False, widget=forms.Select(_SELECT))
    start = forms.IntegerField(
        label=gettext_lazy("From number"), required=False, min_value=1, max_value=1200, widget=forms.TextInput(_NUMBER)
    )
    over = forms.IntegerField(
        label=gettext_lazy("Over how many"), required=False, min_value=1, max_value=1200, widget=forms.TextInput(_NUMBER)
    )
    shares = forms.CharField(
        label=gettext_lazy("Shares, one after the other"),
        required=False,
        max_length=600,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        help_text=gettext_lazy("25 %; 50 %; 100 %, one for each month or column. The last one stays."),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Counted in"), choices=_UNITS, required=False, widget=forms.Select(_SELECT), initial="months"
    )

    def __init__(self, data: Mapping[str, Any] | None, *, prefix: str, phase: Phase | None) -> None:
        super().__init__(data, prefix=prefix, initial=_initial(phase))
        self.phase = phase
        self.fields["shape"].label = _("How it comes") if prefix == COMING else _("How it goes")
        self.fields["shape"].choices = _SHAPES[prefix]  # type: ignore[attr-defined] # a choice field, which the stubs cannot know
        self.made: Phase | None = phase

    def clean(self) -> dict[str, Any]:
        """The phase that the fields come to, in ``made``."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        shape = cleaned.get("shape")
        if not shape or self.errors:
            self.made = None
            return cleaned
        if shape in ("linear", "s_curve") and not cleaned.get("over"):
            self.add_error("over", _("Write how long it takes, for instance 6."))
        shares = self._shares(cleaned.get("shares", "")) if shape == "custom" else None
        if not self.errors:
            self._make(shape, shares, cleaned)
        return cleaned

    def _make(self, shape: str, shares: list[str] | None, cleaned: dict[str, Any]) -> None:
        plain = {
            "shape": shape,
            "start": cleaned.get("start") or 1,
            "over": cleaned.get("over") if shape in ("linear", "s_curve") else None,
            "shares": shares,
            "unit": cleaned.get("unit") or "months",
            "at": self.phase.at if self.phase else "average",
        }
        try:
            self.made = Phase.model_validate(plain)
        except ValidationError as error:
            self.add_error("shape", error.errors(include_url=False)[0]["msg"].removeprefix("Value error, "))

    def _shares(self, text: str) -> list[str] | None:
        if not text.strip():
            self.add_error("shares", _("Write the shares, for instance 25 %; 50 %; 100 %."))
            return None
        try:
            return [str(_share(word)) for word in listed(text)]
        except FigureRefused as error:
            self.add_error("shares", str(error))
            return None


def plain_phase(phase: Phase | None) -> dict[str, Any] | None:
    """A phase as an edit carries it."""
    return None if phase is None else phase.model_dump(mode="json", exclude_none=True)


def listed(text: str) -> list[str]:
    """Figures in a line: ``25 %; 50 %; 100 %``, or with commas or blanks between them where that leaves no doubt."""
    return [word for word in re.split(r"[;\n·]+|,\s+|\s+", re.sub(r"\s+%", "%", text.strip())) if word]


def _share(word: str) -> Decimal:
    share = read_typed(word, "percent")
    if not 0 <= share <= 1:
        raise FigureRefused(_("“%(word)s”: a share is between 0 and 100 %%.") % {"word": word})
    return share


def _initial(phase: Phase | None) -> dict[str, Any]:
    if phase is None:
        return {"unit": "months"}
    shares = "; ".join(typed(share, "percent") for share in phase.shares or ())
    return {"shape": phase.shape, "start": phase.start, "over": phase.over, "shares": shares, "unit": phase.unit}
