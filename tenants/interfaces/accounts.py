"""How people get in: django-allauth's backend and adapters. Nobody signs up by themselves, on no way in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django_tenants.utils import get_public_schema_name, schema_context

from tenants.models import User


class PeopleBackend(AuthenticationBackend):
    """Login by e-mail and password. In a tenant's context row-level security shows its members only, so only they get in."""

    def user_can_authenticate(self, user: User) -> bool:
        """Active people; demo accounts (whose password is printed) only in a demo. Also ends sessions that are open."""
        return bool(super().user_can_authenticate(user)) and (settings.VOS_DEMO or not user.is_demo)


class AccountAdapter(DefaultAccountAdapter):
    """People are invited by an owner or provisioned by an operator."""

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
