"""An approvable action over a dictionary of texts, and requests for it."""

import hashlib
from typing import Any

from approvals.actions import ApprovableAction, SubjectGone, register_action
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.services import approval_request_open
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


def _summary(subject: str) -> dict[str, Any]:
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
