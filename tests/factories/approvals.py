"""An approvable action over a dictionary of texts, and requests for it."""

import hashlib
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django_tenants.utils import schema_context

from approvals.actions import ApprovableAction, SubjectGone, register_action
from approvals.chains import Chain, Stage
from approvals.clock import database_now
from approvals.models import ApprovalRequest
from approvals.risk import Risk
from approvals.services import approval_request_open, policy_put
from approvals.terms import Terms
from tenants.models import Membership, User
from tenants.roles import Role

# What the action's subjects hold; a test changes it as a person would edit a case.
CONTENT: dict[str, str] = {}


def text_hash(text: str) -> str:
    """Hash of a subject's text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _current_hash(subject: str) -> str:
    if subject not in CONTENT:
        raise SubjectGone(subject)
    return text_hash(CONTENT[subject])


def _summary(subject: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": f"Commit {subject}",
        "kind": "Business case",
        "customer": "Intellum",
        "version": CONTENT[subject],
        "figures": [
            {
                "label": "Value over 3 years",
                "value": "10,041,989",
                "unit": "USD",
                "note": "present value",
                "href": "/cases/1/#pv",
            },
            {"label": "Cost", "value": "1,200,000", "unit": "USD"},
            {"label": "ROI", "value": "736", "unit": "%"},
            {"label": "Payback", "value": "4", "unit": "months"},
        ],
        "violations": [{"title": "Two people own the plan", "explanation": "Principle 6 asks for one.", "severity": "warned"}],
        "facts": {"Text": CONTENT[subject]},
    }


COMMIT = ApprovableAction(key="test.commit", title="Commit a business case", current_hash=_current_hash, summary=_summary)
register_action(COMMIT)

# What was done and undone by the action below, as (verb, subject, request).
DEEDS: list[tuple[str, str, str]] = []


def _done(verb: str) -> Any:
    def deed(request: ApprovalRequest) -> None:
        DEEDS.append((verb, request.subject, str(request.public_id)))

    return deed


def _risk(_subject: str, arguments: Mapping[str, Any]) -> Risk:
    return Risk(**{"irreversible": False, "audience": "internal", **arguments.get("risk", {})})


# One that approvals' workers do themselves, and can undo.
PUBLISH = ApprovableAction(
    key="test.publish",
    title="Publish a page",
    current_hash=_current_hash,
    summary=_summary,
    apply=_done("apply"),
    revert=_done("revert"),
    risk=_risk,
)
register_action(PUBLISH)


def in_order(*people: str) -> Chain:
    """A chain that asks each person in order."""
    return Chain(stages=tuple(Stage(title=f"Stage {number}", users=(person,)) for number, person in enumerate(people, 1)))


def quorum(needed: int) -> Chain:
    """One stage that asks every approver."""
    return Chain(stages=(Stage(title="Approvers", role=Role.APPROVER, needed=needed),))


def request_make(
    *, requested_by: str, subject: str = "case:1", text: str = "version 1", chain: Chain | None = None, **more: Any
) -> ApprovalRequest:
    """Put ``text`` into ``subject`` and ask for its commitment."""
    CONTENT[subject] = text
    return approval_request_open(
        action=COMMIT.key, subject=subject, content_hash=text_hash(text), requested_by=requested_by, chain=chain, **more
    )


def publish_make(
    *, requested_by: str, subject: str = "page:1", text: str = "version 1", terms: Terms | None = None, **more: Any
) -> ApprovalRequest:
    """Put ``text`` into ``subject`` and ask to publish it, on ``terms`` if given."""
    CONTENT[subject] = text
    if terms is not None:
        policy_put(action=PUBLISH.key, terms=terms, actor="user:1")
    return approval_request_open(
        action=PUBLISH.key, subject=subject, content_hash=text_hash(text), requested_by=requested_by, **more
    )


def clock_shift(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let the services see another time of the database; its own guards keep theirs."""
    for name, module in list(sys.modules.items()):
        if name.startswith("approvals.") and hasattr(module, "database_now") and name != "approvals.clock":
            monkeypatch.setattr(module, "database_now", lambda: database_now() + by)


def role_set(user: User, role: Role) -> None:
    """Give a person another role in their tenant; a tenant's own role in the database may not."""
    with schema_context("public"):
        Membership.objects.filter(user=user).update(role=role)
