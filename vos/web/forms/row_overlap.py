"""Which other benefits are partly the same money as this one, and how much of them counts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.overlap import Overlap

_RULES = (
    ("largest", gettext_lazy("only the largest of them, in each column")),
    ("share", gettext_lazy("as much as the largest, divided among all")),
    ("cap", gettext_lazy("all of them, up to the figure of a row")),
)


class RowOverlapForm(forms.Form):
    """The group that the row is in. Nothing chosen: the row is in none, and counts whole."""

    overlap = forms.MultipleChoiceField(
        label=gettext_lazy("It is partly the same money as"), required=False, widget=forms.CheckboxSelectMultiple
    )
    overlap_rule = forms.ChoiceField(
        label=gettext_lazy("Of the group counts"),
        choices=_RULES,
        required=False,
        initial="largest",
        widget=forms.Select({"class": "input"}),
    )
    overlap_cap = forms.ChoiceField(
        label=gettext_lazy("Up to the figure of"), required=False, widget=forms.Select({"class": "input"})
    )
    overlap_why = forms.CharField(
        label=gettext_lazy("Why they overlap"),
        required=False,
        max_length=2000,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, document: ModelDocument, row: Row | None) -> None:
        self.row, self.document = row, document
        key = row.key if row else ""
        self.group = next((one for one in document.overlaps if key in one.rows), None)
        super().__init__(data, initial=_initial(self.group, key))
        counted = {one.key for one in document.drivers if one.counted} | {None}
        self.others = [
            (one.key, one.label) for one in document.rows if one.role == "benefit" and one.driver in counted and one is not row
        ]
        caps = [(one.key, one.label) for one in document.rows if one.unit == document.currency and one is not row]
        self.fields["overlap"].choices = self.others  # type: ignore[attr-defined] # choice fields, which the stubs cannot know
        self.fields["overlap_cap"].choices = [("", _("choose a row")), *caps]  # type: ignore[attr-defined]

    @property
    def says_something(self) -> bool:
        """Whether the row is in a group, or something is wrong."""
        return bool(self.errors) or bool(self["overlap"].value())

    def clean(self) -> dict[str, Any]:
        """A cap where the rule asks for one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("overlap") and cleaned.get("overlap_rule") == "cap" and not cleaned.get("overlap_cap"):
            self.add_error("overlap_cap", _("Choose the row above whose figure nothing counts, such as a budget."))
        return cleaned

    def edits(self, key: str) -> list[dict[str, Any]]:
        """The group with the row in it or out of it, where that differs; the row is called ``key`` by now. For a valid form."""
        cleaned = self.cleaned_data
        if not cleaned["overlap"]:
            return self._left(key)
        wanted = {self.row.key if self.row else key, *cleaned["overlap"]}
        places = [one.key for one in self.document.rows]
        # The document's order: of equal benefits the first one counts.
        chosen = [key if self.row and one == self.row.key else one for one in places if one in wanted]
        chosen += [key] if key not in chosen else []
        rule = cleaned["overlap_rule"] or "largest"
        cap = cleaned["overlap_cap"] if rule == "cap" else None
        before = self.group
        if before and (set(before.rows), before.rule, before.cap, before.why) == (
            wanted,
            rule,
            cap,
            cleaned["overlap_why"].strip(),
        ):
            return []
        made = {"key": before.key if before else self._free_key(key), "label": before.label if before else "", "rows": chosen}
        return [{"op": "overlap", "overlap": {**made, "rule": rule, "cap": cap, "why": cleaned["overlap_why"].strip()}}]

    def _left(self, key: str) -> list[dict[str, Any]]:
        """Out of the group; a group of one is none."""
        if self.group is None:
            return []
        rest = [one for one in self.group.rows if one not in (key, self.row.key if self.row else "")]
        if len(rest) < 2:
            return [{"op": "delete_overlap", "overlap": self.group.key}]
        plain = self.group.model_dump(mode="json")
        return [{"op": "overlap", "overlap": {**plain, "rows": rest}}]

    def _free_key(self, key: str) -> str:
        taken = {one.key for one in self.document.overlaps}
        stem = f"overlap_{key}"[:56].rstrip("_")
        return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 100))) if name not in taken)


def _initial(group: Overlap | None, key: str) -> dict[str, Any]:
    if group is None:
        return {}
    others = [one for one in group.rows if one != key]
    return {"overlap": others, "overlap_rule": group.rule, "overlap_cap": group.cap or "", "overlap_why": group.why}
