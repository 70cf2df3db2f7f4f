"""The form of a new customer."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from tenants.models import Membership, User

_INPUT = {"class": "input", "autocomplete": "off"}


class CustomerForm(forms.Form):
    """A name is enough; the rest can be filled in now or never. ``members`` are those who may own the customer."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput({**_INPUT, "autofocus": True}))
    industry = forms.CharField(
        label=_("Industry"), max_length=200, required=False, widget=forms.TextInput(_INPUT), help_text=_("In your words.")
    )
    naics = forms.CharField(
        label=_("NAICS code"),
        required=False,
        widget=forms.TextInput({**_INPUT, "inputmode": "numeric", "maxlength": 6}),
        validators=[RegexValidator(r"^[0-9]{2,6}$", _("Two to six digits, such as 5132."))],
    )
    country = forms.CharField(
        label=_("Country"),
        required=False,
        widget=forms.TextInput({**_INPUT, "maxlength": 2}),
        validators=[RegexValidator(r"^[A-Za-z]{2}$", _("Two letters, such as US or DE."))],
        help_text=_("Two letters, such as US."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        initial="USD",
        widget=forms.TextInput({**_INPUT, "maxlength": 3}),
        validators=[RegexValidator(r"^[A-Za-z]{3}$", _("Three letters, such as USD or EUR."))],
        help_text=_("Three letters, such as USD."),
    )
    owner = forms.ChoiceField(label=_("Owner"), widget=forms.Select({"class": "input"}))
    restricted = forms.BooleanField(
        label=_("Only for the owner, for owners and admins of this workspace, and for whom they name"), required=False
    )

    def __init__(self, *args: Any, members: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members: dict[str, User] = {str(member.user_id): member.user for member in members}
        self.fields["owner"].choices = [(key, user.name) for key, user in self._members.items()]  # type: ignore[attr-defined]

    def clean_country(self) -> str:
        """In capitals, as the code is written."""
        return str(self.cleaned_data["country"]).upper()

    def clean_currency(self) -> str:
        """In capitals, as the code is written."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_owner(self) -> User:
        """The member that was chosen."""
        return self._members[self.cleaned_data["owner"]]
