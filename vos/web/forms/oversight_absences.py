"""An absence: who votes for whom, from when, until when, about what."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_WHEN = {"class": "input", "type": "datetime-local"}
_FORMAT = "%Y-%m-%dT%H:%M"


class AbsenceForm(forms.Form):
    """``givers`` has one entry for those who may hand over their own votes only."""

    giver = forms.ChoiceField(label=gettext_lazy("Who is away"), widget=forms.Select({"class": "input"}))
    taker = forms.ChoiceField(label=gettext_lazy("Who stands in"), widget=forms.Select({"class": "input"}))
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateTimeInput(_WHEN, format=_FORMAT),
        help_text=gettext_lazy("Empty: from now on."),
    )
    ends_at = forms.DateTimeField(label=gettext_lazy("Until"), widget=forms.DateTimeInput(_WHEN, format=_FORMAT))
    actions = forms.MultipleChoiceField(
        label=gettext_lazy("Only for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for everything."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400, required=False, widget=forms.TextInput({"class": "input"})
    )

    def __init__(
        self,
        *args: Any,
        givers: Iterable[tuple[str, str]],
        takers: Iterable[tuple[str, str]],
        actions: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["giver"].choices = list(givers)  # type: ignore[attr-defined]
        self.fields["taker"].choices = [("", _("Choose a person")), *takers]  # type: ignore[attr-defined]
        self.fields["actions"].choices = list(actions)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """In order, and not in the past."""
        data = super().clean() or {}
        if (until := data.get("ends_at")) and until <= (data.get("starts_at") or timezone.now()):
            self.add_error("ends_at", _("It ends later than it begins, and in the future."))
        if data.get("giver") and data.get("giver") == data.get("taker"):
            self.add_error("taker", _("Somebody else must stand in."))
        return data
