"""A passkey, by the browser's own authenticator: registered, and then asked for by a decision that takes nothing less."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest, Vote
from approvals.modes import SecondFactor
from approvals.services import policy_put, tool_call_request_open
from approvals.terms import Terms
from tenants.models import User
from tenants.roles import Role
from tests.e2e.conftest import Enter, House
from tests.e2e.watch import Watch
from tests.factories.tenants import PASSWORD, PEOPLE

pytestmark = pytest.mark.browser

APPROVERS = Chain(stages=(Stage(title="Approver", role=Role.APPROVER),))


@pytest.fixture
def asked(house: House) -> ApprovalRequest:
    """A tool call on Sam's behalf, under a policy that is content with a passkey only."""
    with tenant_context(house.tenant):
        sam = User.objects.get(email=PEOPLE["sam"].email)
        policy_put(action="tool.call", terms=Terms(chain=APPROVERS, second_factor=SecondFactor.WEBAUTHN), actor="user:1")
        return tool_call_request_open(
            tool="mail.send", arguments={"to": ["ada@example.com"]}, reason="From a mail.", requested_by=f"user:{sam.pk}"
        )


def test_approver_registers_a_passkey_and_approves_with_it(
    house: House, enter: Enter, watch: Watch, asked: ApprovalRequest
) -> None:
    bob = watch.follow(enter("bob", phone=True, by_form=True))
    _authenticator(bob)
    bob.goto(house.url(f"/approvals/{asked.public_id}/"))
    expect(bob.get_by_role("button", name="Approve")).to_be_hidden()
    bob.get_by_role("link", name="Set it up").click()
    expect(bob).to_have_url(re.compile("/accounts/2fa/"))
    watch.look(bob, "second factor, 390")
    bob.goto(house.url("/accounts/2fa/webauthn/add/"))
    bob.get_by_role("textbox", name="Password").fill(PASSWORD)
    bob.get_by_role("button", name="Confirm").click()
    bob.wait_for_url(re.compile("/webauthn/add/$"))
    watch.look(bob, "adding a passkey, 390")
    bob.get_by_role("textbox", name="Name").fill("This phone")
    bob.get_by_role("button", name="Add", exact=True).click()
    bob.wait_for_url(lambda url: "/add/" not in url)
    with tenant_context(house.tenant):
        assert Authenticator.objects.get(user__email=PEOPLE["bob"].email, type="webauthn").wrap().name == "This phone"

    bob.goto(house.url(f"/approvals/{asked.public_id}/"))
    bob.get_by_role("link", name="Use the passkey").click()
    watch.look(bob, "using a passkey, 390")
    bob.get_by_role("button", name="Use a security key").click()
    bob.wait_for_url(re.compile(str(asked.public_id)))
    expect(bob.get_by_text("You have proved who you are within the last five minutes.")).to_be_visible()
    watch.look(bob, "approval with a passkey, 390")
    bob.get_by_role("button", name="Approve").tap()

    expect(bob.get_by_text("Everybody who was asked has approved it.")).to_be_visible()
    with tenant_context(house.tenant):
        assert Vote.objects.values_list("second_factor", flat=True).get(request=asked) == "webauthn"
    watch.assert_clean()


def _authenticator(page: Page) -> None:
    """A platform authenticator, such as a phone's fingerprint reader, whose owner always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
