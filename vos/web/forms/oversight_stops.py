"""What a stop asks for: what is to stand still, and why; and what a release asks for."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.stops.models import Kind

_REASON = {"class": "input", "rows": 2, "maxlength": 500}


class StopForm(forms.Form):
    """One kind of stop. ``keys`` are the agents or workflows to choose from; the whole workspace has no name."""

    key = forms.ChoiceField(widget=forms.Select({"class": "input"}))
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(_REASON),
        help_text=_("Everybody whose work waits reads it."),
        error_messages={"required": _("Say why: everybody whose work waits reads it.")},
    )

    def __init__(self, *args: Any, kind: Kind, keys: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": kind.value})
        self.kind = kind
        if kind is Kind.TENANT:
            del self.fields["key"]
            return
        self.fields["key"].label = _("Which agent") if kind is Kind.AGENT else _("Which workflow")
        self.fields["key"].choices = list(keys.items())  # type: ignore[attr-defined]


class ReleaseForm(forms.Form):
    """Why it is safe to go on."""

    reason = forms.CharField(
        label=_("Why is it safe to go on?"),
        max_length=500,
        widget=forms.Textarea({**_REASON, "rows": 3}),
        help_text=_("Kept with the stop and in the audit."),
    )
