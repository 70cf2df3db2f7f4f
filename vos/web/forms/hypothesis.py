"""The form that rewords a hypothesis."""

from django import forms
from django.utils.translation import gettext_lazy as _


class HypothesisForm(forms.Form):
    """New words for the claim; what it quotes stays as it was said."""

    claim = forms.CharField(
        label=_("Claim"),
        max_length=1000,
        widget=forms.Textarea({"class": "input", "rows": 4}),
        error_messages={"required": _("Say what is claimed, or refuse the hypothesis instead.")},
    )
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, widget=forms.TextInput({"class": "input", "autocomplete": "off"})
    )
