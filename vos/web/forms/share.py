"""The form of a link to a case: whom it is for, and how long it is good."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAYS = (("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")))


class ShareForm(forms.Form):
    """A recipient, to know later which link was whose, and one of a few terms."""

    recipient = forms.CharField(
        label=_("For whom"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        help_text=_("A name or an address; only people here see it."),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=DAYS, initial="30", widget=forms.Select({"class": "input"}))

    def expires_at(self) -> datetime:
        """When the link ends. For a valid form."""
        # A minute less, so that a year is within a year by the time it is saved.
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]), minutes=-1)
