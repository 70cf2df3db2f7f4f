"""The second factor on the approver's page: what the policy asks, what the person has, the proof that comes with a decision."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from approvals.models import ApprovalRequest
from approvals.modes import SecondFactor, factor_enough
from tenants.models import User
from tenants.second_factor import code_prove, fresh_method, methods_of


@dataclass(frozen=True)
class FactorAsked:
    """What a page shows of it. ``is_missing``: nothing is set up that would be enough. ``takes_code``: one can be typed here."""

    is_asked: bool = False
    is_proved: bool = False
    takes_code: bool = False
    passkey_url: str = ""
    is_missing: bool = False
    set_up_url: str = ""


NOT_ASKED = FactorAsked()


def factor_asked(request: HttpRequest, approval: ApprovalRequest, *, back_url: str = "") -> FactorAsked:
    """What this request asks of the person who looks at it; a passkey leads back to ``back_url``, or to its own page."""
    asked = _policy(approval)
    if asked == SecondFactor.NONE or not isinstance(request.user, User):
        return NOT_ASKED
    if factor_enough(asked, fresh_method(request)):
        return FactorAsked(is_asked=True, is_proved=True)
    has = methods_of(request.user)
    enough = {method for method in has if factor_enough(asked, method)}
    here = {"next": back_url or reverse("approvals:detail", args=[approval.public_id])}
    return FactorAsked(
        is_asked=True,
        takes_code=bool(enough & {"totp", "recovery_codes"}),
        passkey_url=f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode(here)}" if "webauthn" in enough else "",
        is_missing=not enough,
        set_up_url=reverse("mfa_index"),
    )


def factor_given(request: HttpRequest, approval: ApprovalRequest, *, code: str | None = None) -> str:
    """The method that comes with a decision: proved lately in this session, or by ``code``; empty for none.

    ``code`` is the form's unless it came otherwise, as over REST. It is looked at only where one is asked for, and is used up.
    Raises CodeRefused and TooManyCodes.
    """
    asked = _policy(approval)
    if asked == SecondFactor.NONE:
        return ""
    fresh = fresh_method(request)
    typed = (request.POST.get("code", "") if code is None else code).strip()
    if factor_enough(asked, fresh) or not typed:
        return fresh
    return code_prove(request, code=typed)


def _policy(approval: ApprovalRequest) -> SecondFactor:
    # Requests from before there were terms ask for none.
    return SecondFactor(approval.policy.get("terms", {}).get("second_factor", ""))
