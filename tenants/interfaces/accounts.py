"""How people get in: django-allauth's backend and adapters. Nobody signs up by themselves, on no way in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context

from tenants.models import User
from tenants.selectors import user_by_id


def is_refused_demo(user: User) -> bool:
    """Whether this is a demo account, whose password everybody knows, where there is no demo."""
    return user.is_demo and not settings.VOS_DEMO


class PeopleBackend(AuthenticationBackend):
    """Login by e-mail and password. In a tenant's context row-level security shows its members only, so only they get in."""

    def get_user(self, user_id: int) -> User | None:
        """The person of an open session."""
        user = user_by_id(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        """Active people; demo accounts (whose password is printed) only in a demo. Also ends sessions that are open."""
        return bool(super().user_can_authenticate(user)) and not is_refused_demo(user)


class AccountAdapter(DefaultAccountAdapter):
    """People are invited by an owner or provisioned by an operator."""

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
        """Say why a demo account does not get in; only somebody who knows its password comes this far."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if isinstance(user, User) and is_refused_demo(user):
            raise ValidationError(_("This is a demo account, and demos are off here. Sign in with an account of your own."))
        return user

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """An identity provider logs in the people a tenant has; it does not make new ones."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        # Their rows hold clients' secrets, so no tenant's role can read the table; this is the one place that does.
        with schema_context(get_public_schema_name()):
            return list(super().list_apps(request, provider=provider, client_id=client_id))
