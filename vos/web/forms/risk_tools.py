"""The questions of the risk page: two inputs against each other, and which figure reaches a target. They stand in the address."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.selectors.model_risk_tools import Question

TABLE_MEASURES = (
    ("npv", gettext_lazy("Net present value")),
    ("roi_pct", gettext_lazy("Return on investment")),
    ("payback_months", gettext_lazy("Payback in months")),
)
GOAL_MEASURES = (
    ("npv", gettext_lazy("Net present value")),
    ("roi_pct", gettext_lazy("Return on investment")),
    ("irr", gettext_lazy("Internal rate of return")),
    ("payback_months", gettext_lazy("Payback in months")),
    ("total_benefits", gettext_lazy("All benefits")),
    ("total_costs", gettext_lazy("All costs")),
    ("pv_benefits", gettext_lazy("Benefits, present value")),
    ("pv_costs", gettext_lazy("Costs, present value")),
)
AT_MOST = frozenset({"payback_months", "total_costs", "pv_costs"})
_SELECT = {"class": "input"}
_GONE = {"invalid_choice": gettext_lazy("The model has no such input any more. Choose one of these.")}


def row_choices(document: ModelDocument, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Inputs by name, with their driver where two have one name."""
    labels = [row.label for row in rows]
    drivers = {driver.key: driver.label for driver in document.drivers}
    return [
        (row.key, f"{row.label} ({drivers.get(row.driver or '', row.key)})" if labels.count(row.label) > 1 else row.label)
        for row in rows
    ]


class TwoWayForm(forms.Form):
    """Two inputs and what to tell of each pair of their figures."""

    first = forms.ChoiceField(label=gettext_lazy("Down"), widget=forms.Select(_SELECT), error_messages=_GONE)
    second = forms.ChoiceField(label=gettext_lazy("Across"), widget=forms.Select(_SELECT), error_messages=_GONE)
    tell = forms.ChoiceField(label=gettext_lazy("Tell"), choices=TABLE_MEASURES, widget=forms.Select(_SELECT))

    def __init__(self, data: Mapping[str, Any], *, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        for name in ("first", "second"):
            self.fields[name].choices = choices  # type: ignore[attr-defined] # a choice field, which the stubs cannot know

    def clean(self) -> dict[str, Any]:
        """Two inputs, not one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", _("Choose another input than the first: a table needs two."))
        return cleaned


class GoalForm(forms.Form):
    """Which figure of an input takes a measure to a target?"""

    of = forms.ChoiceField(label=gettext_lazy("Which figure of"), widget=forms.Select(_SELECT), error_messages=_GONE)
    measure = forms.ChoiceField(label=gettext_lazy("gives"), choices=GOAL_MEASURES, widget=forms.Select(_SELECT))
    target = forms.CharField(
        label=gettext_lazy("of"),
        max_length=60,
        widget=forms.TextInput({"class": "input num", "inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("1.2 million, 150 %, or 12 for months"),
        error_messages={"required": gettext_lazy("Write what it should come to.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"measure": "payback_months"})
        self.document = document
        self.fields["of"].choices = choices  # type: ignore[attr-defined] # as above

    def clean(self) -> dict[str, Any]:
        """The target, read as the measure's unit asks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("target") and cleaned.get("measure"):
            unit = {"roi_pct": "percent", "irr": "percent", "payback_months": "months"}
            try:
                read = read_typed(cleaned["target"], unit.get(cleaned["measure"], self.document.currency))
            except FigureRefused as error:
                self.add_error("target", str(error))
            else:
                cleaned["read"] = read * 100 if cleaned["measure"] == "roi_pct" else read
        return cleaned

    @property
    def question(self) -> Question:
        """What is asked. For a valid form."""
        return Question(self.cleaned_data["of"], self.cleaned_data["measure"], self.cleaned_data["read"])
