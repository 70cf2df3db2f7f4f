"""The form of one driver inside the sheet's drawer: its words, whether it counts, and how its effect comes and goes."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import EditRefused
from valuefabric.domain.model import Driver, ModelDocument
from vos.web.forms.phase import COMING, GOING, PhaseForm, plain_phase

_INPUT = {"class": "input", "autocomplete": "off"}
_IMPACTS = (
    ("revenue", gettext_lazy("revenue")),
    ("cost", gettext_lazy("cost")),
    ("risk", gettext_lazy("risk")),
)


class SheetDriverForm(forms.Form):
    """A driver's fields, for one that there is and for a new one; ``edits`` says them as the sheet's edits."""

    label = forms.CharField(label=gettext_lazy("What moves value"), max_length=200, widget=forms.TextInput(_INPUT))
    impact = forms.ChoiceField(label=gettext_lazy("It moves"), choices=_IMPACTS, widget=forms.Select({"class": "input"}))
    counted = forms.BooleanField(label=gettext_lazy("counted in the totals"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note, for instance why it is not counted"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(_INPUT),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, driver: Driver | None) -> None:
        super().__init__(data, initial=_initial(driver))
        self.driver, self.document = driver, document
        self.coming = PhaseForm(data, prefix=COMING, phase=driver.phase_in if driver else None)
        self.going = PhaseForm(data, prefix=GOING, phase=driver.phase_out if driver else None)

    @property
    def says_something(self) -> bool:
        """Whether it has a phase, or something is wrong with one."""
        wrong = self.is_bound and bool(self.coming.errors or self.going.errors)
        return wrong or any(form["shape"].value() for form in (self.coming, self.going))

    def is_valid(self) -> bool:
        """The fields and both phases; all are asked, so that every mistake is shown at once."""
        return all([super().is_valid(), self.coming.is_valid(), self.going.is_valid()])

    @property
    def key(self) -> str:
        """The driver's key; a free one, out of the label, for a new one."""
        return self.driver.key if self.driver else self._free_key(self.cleaned_data["label"])

    def edits(self) -> list[dict[str, Any]]:
        """For a valid form."""
        made: dict[str, Any] = {name: self.cleaned_data[name] for name in ("impact", "counted")}
        made |= {name: self.cleaned_data[name].strip() for name in ("label", "note")}
        before = (self.driver.phase_in, self.driver.phase_out) if self.driver else (None, None)
        for name, form, was in (("phase_in", self.coming, before[0]), ("phase_out", self.going, before[1])):
            if form.made != was:
                made[name] = plain_phase(form.made)
        if self.driver is None:
            return [{"op": "add_driver", "driver": {"key": self.key, **made}}]
        return [{"op": "driver", "driver": self.driver.key, "set": made}]

    def refuse(self, error: EditRefused) -> None:
        """Say above the form what does not fit."""
        for problem in error.problems:
            self.add_error(None, problem.message)

    def _free_key(self, label: str) -> str:
        words = re.sub(r"_+", "_", slugify(label).replace("-", "_")).strip("_")[:40].strip("_")
        stem = words if words and words[0].isalpha() else f"driver_{words}".rstrip("_")
        taken = {one.key for one in self.document.drivers}
        return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 2000))) if name not in taken)


def _initial(driver: Driver | None) -> dict[str, Any]:
    if driver is None:
        return {"impact": "revenue", "counted": True}
    return {"label": driver.label, "impact": driver.impact, "counted": driver.counted, "note": driver.note}
