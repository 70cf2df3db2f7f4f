"""What a look at a deed says: fine, a finding, or an objection."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_OUTCOMES = [
    ("objection", gettext_lazy("I object: it is to be undone")),
    ("finding", gettext_lazy("Something was wrong with it; it stays")),
    ("fine", gettext_lazy("Nothing to say against it")),
]


class ReviewForm(forms.Form):
    """``may_object``: the time to object runs, and the deed can be undone. ``wants_code``: a code proves the second factor."""

    outcome = forms.ChoiceField(label=gettext_lazy("What do you say?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"class": "input", "rows": 3, "maxlength": 4000}),
        help_text=gettext_lazy("Needed unless there is nothing to say. It is signed, and kept."),
    )

    code = forms.CharField(
        label=gettext_lazy("Code of your authenticator app"),
        max_length=12,
        widget=forms.TextInput({"class": "input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
        help_text=gettext_lazy("The policy asks for a second factor. A recovery code does as well."),
    )

    def __init__(self, *args: Any, may_object: bool, wants_code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wants_code:
            del self.fields["code"]
        choices = _OUTCOMES if may_object else _OUTCOMES[1:]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A reason for whatever is not fine."""
        data = super().clean() or {}
        if data.get("outcome") in ("objection", "finding") and not data.get("reason", "").strip():
            self.add_error("reason", _("Say what is wrong: whoever mends it needs to know."))
        return data
