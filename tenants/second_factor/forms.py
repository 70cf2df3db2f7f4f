"""Allauth's forms for codes, at signing in and later, with our check in place of theirs: theirs counts in a cache."""

from allauth.mfa.base import forms
from django.core.exceptions import ValidationError

from tenants.second_factor.codes import CodeRefused, code_check


class _Checked:
    def clean_code(self) -> str:
        """Refuse a wrong code, a used one, and one too many."""
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        try:
            self.authenticator = code_check(user=self.user, code=code)  # type: ignore[attr-defined]
        except CodeRefused as refused:
            raise ValidationError(str(refused)) from refused
        self.authenticator.user = self.user  # type: ignore[attr-defined]
        return code


class AuthenticateForm(_Checked, forms.AuthenticateForm):
    """At signing in."""


class ReauthenticateForm(_Checked, forms.ReauthenticateForm):
    """Proving it once more."""
