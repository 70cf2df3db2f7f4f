"""What a session has proved lately, and proving it anew."""

import time

from allauth.account.authentication import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from tenants.models import User
from tenants.second_factor.codes import code_check

# How long a proof is good for a decision: long enough to read a request, too short for a phone that was left lying.
PROOF_SECONDS = 300
# The strongest first: a passkey cannot be phished, a code can be typed into a wrong page.
_BY_STRENGTH = ("webauthn", "totp", "recovery_codes")


def fresh_method(request: HttpRequest) -> str:
    """The strongest second factor that this session's person has proved within the last five minutes; empty for none.

    The time of proof stands in the session, on the server; signing in with a second factor counts as well.
    """
    if not request.user.is_authenticated:
        return ""
    since = time.time() - PROOF_SECONDS
    records = get_authentication_records(request, request.user)
    fresh = {record.get("type") for record in records if record.get("method") == "mfa" and record.get("at", 0) > since}
    return next((method for method in _BY_STRENGTH if method in fresh), "")


def code_prove(request: HttpRequest, *, code: str) -> str:
    """Prove the session's person by a code; returns the method. Raises CodeRefused and TooManyCodes."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionError("Nobody is signed in.")
    authenticator = code_check(user=user, code=code)
    authenticator.user = user
    post_authentication(request, authenticator, reauthenticated=True)
    return str(authenticator.type)


def methods_of(user: User) -> frozenset[str]:
    """What the person has set up: ``totp``, ``webauthn``, ``recovery_codes``."""
    return frozenset(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
