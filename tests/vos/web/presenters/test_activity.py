import pytest

from kernel.audit.models import AuditRecord
from valuefabric.models import Customer
from vos.web.presenters.activity import history_entries

ID = "11111111-1111-4111-8111-111111111111"


def entry(action: str, subject: str, **detail: object) -> dict[str, object]:
    record = AuditRecord(actor="user:1", action=action, subject=subject, detail=detail)
    return history_entries(Customer(public_id=ID), [record], {"user:1": "Sam"})[0]


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("evidence.added", {"filename": "notes.md"}, "Added notes.md"),
        ("opportunity.created", {"hypotheses": 1}, "Found 1 value hypothesis"),
        ("opportunity.created", {"hypotheses": 3}, "Found 3 value hypotheses"),
        ("hypothesis.decided", {"decision": "refused", "claim": "They stay."}, "Refused: They stay."),
        ("hypothesis.decided", {"decision": "reopened", "claim": "They stay."}, "Reopened: They stay."),
        ("customer.stage_moved", {"before": "target", "after": "realization"}, "Moved from target to realization"),
        ("telemetry.ingested", {"added": 18}, "Added 18 measurements"),
        ("model.saved", {"version": 2}, "Saved the model, version 2"),
        ("branch.created", {"name": "Next year"}, "Began the branch “Next year” of the model"),
        ("branch.merged", {"merged_version": 3, "version": 4}, "Merged version 3 of the model as version 4"),
        ("comment.resolved", {}, "Resolved a comment on the model"),
        ("workflow.started", {"name": "lifecycle"}, "Started the run “lifecycle”"),
        ("workflow.step_failed", {"name": "lifecycle", "step": "target"}, "A step failed: target"),
        ("model.saved", {}, "model saved"),
        ("something.new_here", {}, "something new here"),
    ],
)
def test_a_record_becomes_a_sentence(action: str, detail: dict[str, object], words: str) -> None:
    assert entry(action, "customer:1", **detail)["what"] == words


@pytest.mark.parametrize(
    ("subject", "url"),
    [
        (f"evidence:{ID}", f"/customers/{ID}/evidence/{ID}/"),
        (f"case:{ID}", f"/customers/{ID}/case/"),
        (f"hypothesis:{ID}", f"/customers/{ID}/opportunity/"),
        (f"branch:{ID}", f"/customers/{ID}/model/versions/"),
        (f"comment:{ID}", f"/customers/{ID}/model/comments/"),
        (f"execution:{ID}", f"/runs/{ID}/"),
        (f"approval:{ID}", f"/approvals/{ID}/"),
        (f"customer:{ID}", ""),
    ],
)
def test_a_record_leads_to_its_subject(subject: str, url: str) -> None:
    assert entry("x.y", subject)["url"] == url
