"""Runs as pages show them: pure mapping of rows that need no database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kernel.processes.models import ProcessEvent
from vos.web.presenters.process_events import event_text
from vos.web.presenters.runs import run_controls, run_head, run_row, run_state, run_steps
from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail, StepView
from workflows.states import ExecutionState, StepState

BEGAN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def run_of(state: str = "running", **fields: object) -> Execution:
    values = {"title": "From notes", "subject": "customer:7", "started_by": "user:1", "created_at": BEGAN, **fields}
    return Execution(state=state, **values)


def view_of(state: str, **fields: object) -> StepView:
    step = Step(key="target", kind="agent", title="Build the model", state=state, **fields)
    return StepView(step, (), can_retry=state == "failed", can_skip=state == "failed")


def detail_of(*views: StepView, run: Execution | None = None) -> ExecutionDetail:
    return ExecutionDetail(run or run_of(), views, (), done=1, total=3)


@pytest.mark.parametrize(
    ("state", "paused", "shown"),
    [
        ("running", None, "running"),
        ("running", BEGAN, "paused"),
        ("rolling_back", None, "running"),
        ("rolled_back", None, "compensated"),
        ("stuck", None, "failed"),
        ("completed", None, "completed"),
    ],
)
def test_the_states_word(state: str, paused: datetime | None, shown: str) -> None:
    assert run_state(run_of(state, paused_at=paused)) == shown


def test_a_line_of_the_list() -> None:
    run = run_of("completed", ended_at=BEGAN + timedelta(seconds=90))
    run.steps_done, run.steps_total = 3, 3
    row = run_row(run, {"user:1": "Sam"}, {"customer:7": "Composite"})
    assert (row["subject"], row["started_by"], row["duration"], row["done"], row["total"]) == ("Composite", "Sam", 90.0, 3, 3)
    assert row["url"] == f"/runs/{run.public_id}/"


def test_a_customer_that_the_viewer_may_not_see_has_no_name() -> None:
    assert run_row(run_of(), {}, {})["subject"] == ""


def test_the_head_says_where_it_waits_and_what_was_spent() -> None:
    detail = detail_of(view_of("waiting", waiting_key="abc"))
    head = run_head(detail, {"user:1": "Sam"}, "Composite", "/customers/7/", (1200, Decimal("0.0312")))
    assert (head["left"], head["tokens"], head["done"], head["total"]) == ("waits at “Build the model”", 1200, 1, 3)
    assert "0.03" in head["cost"]


def test_every_state_of_a_step_has_a_word_that_the_timeline_draws() -> None:
    known = {"done", "running", "waiting", "failed", "ahead", "skipped", "compensated", "cancelled"}
    shown = {run_steps(detail_of(view_of(state)), {}, {})[0]["state"] for state in StepState if state != StepState.WAITING}
    assert shown <= known


def test_a_failed_step_says_what_was_kept_and_what_to_do() -> None:
    run = run_of("failed")
    failed = view_of("failed", error="No price list.\nTraceback", error_class="LookupError", input={})
    step = run_steps(detail_of(failed, run=run), {}, {})[0]
    assert step["error"]["title"] == "No price list."
    assert step["error"]["detail"] == "LookupError: No price list.\nTraceback"
    assert step["actions"] == {
        "retry_url": f"/runs/{run.public_id}/steps/target/?do=retry",
        "rollback_url": f"/runs/{run.public_id}/control/?do=roll_back",
        "skip_url": f"/runs/{run.public_id}/steps/target/?do=skip",
    }
    assert step["open"]


def test_those_who_may_not_steer_get_no_buttons() -> None:
    step = Step(key="target", kind="agent", title="Build", state="failed", error="x")
    shown = run_steps(detail_of(StepView(step, (), can_retry=False, can_skip=False)), {}, {})[0]
    assert shown["actions"] == {}
    assert run_controls(run_of(), may=False) == []


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("running", ["Pause", "Roll back"]),
        ("failed", ["Pause", "Roll back"]),
        ("completed", ["Roll back"]),
        ("cancelled", ["Roll back"]),
        ("rolling_back", []),
        ("rolled_back", []),
    ],
)
def test_what_may_be_done_with_a_run(state: str, labels: list[str]) -> None:
    controls = run_controls(run_of(state), may=True)
    assert [str(control["label"]) for control in controls] == labels
    assert all(control.get("confirm") for control in controls if control.get("danger"))


def test_a_running_step_listens_from_the_last_event_that_is_shown() -> None:
    events = [ProcessEvent(number=4, kind="state", data={"state": "running"}, occurred_at=BEGAN)]
    step = run_steps(detail_of(view_of("running")), {"target": events}, {"target": "ws://x/ws/processes/1/"})[0]
    assert step["socket"] == {"url": "ws://x/ws/processes/1/", "after": 4}
    assert [event["text"] for event in step["events"]] == ["Working"]


def test_attempts_keep_their_number_error_and_next_try() -> None:
    attempt = Attempt(number=2, outcome="failed", started_at=BEGAN, ended_at=BEGAN + timedelta(seconds=3), error="away")
    step = Step(key="a", kind="compute", title="A", state=ExecutionState.RUNNING)
    shown = run_steps(detail_of(StepView(step, (attempt,), can_retry=False, can_skip=False)), {}, {})[0]["attempts"]
    assert [(one["number"], one["state"], one["duration"], one["error"]) for one in shown] == [(2, "failed", 3.0, "away")]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("state", {"state": "waiting", "for": "application"}, "Proposed; is being applied"),
        ("state", {"state": "failed"}, "Failed"),
        ("computed", {"driver": "s", "label": "Support", "pv": "0", "counted": False}, "Support: listed, not counted"),
        ("rule", {"title": "No guarantees", "status": "failed"}, "No guarantees: failed"),
        ("found", {"claim": "They renew.", "quotation": "we  find\n out"}, "They renew. “we find out”"),
        ("model", {"deployment": "fake", "tokens": 12}, "fake answered, 12 tokens"),
        ("question", {"question": "What is the price?"}, "What is the price?"),
        ("something_new", {}, "something new"),
    ],
)
def test_events_as_sentences(kind: str, data: dict[str, object], text: str) -> None:
    assert event_text(kind, data) == text
