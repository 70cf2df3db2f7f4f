"""Runs as pages show them: pure mapping of rows that need no database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from kernel.budgets.selectors import UsageTotal
from kernel.processes.models import ProcessEvent
from tests.factories.workflows import definition_of
from vos.web.forms.run_verbs import fork_specs
from vos.web.presenters.process_events import event_text
from vos.web.presenters.run_compare import inputs_beside
from vos.web.presenters.run_history import history_days
from vos.web.presenters.run_parts import parts_shown
from vos.web.presenters.run_steps import StepExtras, run_steps
from vos.web.presenters.run_verbs import run_verbs, step_verbs
from vos.web.presenters.runs import run_head, run_row, run_state
from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail, StepView, TimelineEntry
from workflows.selectors.parts import Part
from workflows.states import ExecutionState, StepState

BEGAN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def run_of(state: str = "running", **fields: object) -> Execution:
    values = {"title": "From notes", "subject": "customer:7", "started_by": "user:1", "created_at": BEGAN, **fields}
    return Execution(state=state, **values)


def view_of(state: str, **fields: object) -> StepView:
    step = Step(key="target", title="Build the model", state=state, **{"kind": "agent", **fields})
    return StepView(step, (), can_retry=state == "failed", can_skip=state == "failed")


def detail_of(*views: StepView, run: Execution | None = None) -> ExecutionDetail:
    return ExecutionDetail(run or run_of(), views, (), done=1, total=3)


def shown_of(view: StepView, **extras: object) -> dict:
    return run_steps(detail_of(view), StepExtras(**extras))[0]


@pytest.mark.parametrize(
    ("state", "fields", "shown"),
    [
        ("running", {}, "running"),
        ("running", {"paused_at": BEGAN}, "paused"),
        ("running", {"begun_at": None}, "held"),
        ("rolling_back", {}, "running"),
        ("rolled_back", {}, "compensated"),
        ("stuck", {}, "failed"),
        ("completed", {}, "completed"),
    ],
    ids=["running", "paused", "held", "rolling_back", "rolled_back", "stuck", "completed"],
)
def test_the_states_word(state: str, fields: dict, shown: str) -> None:
    assert run_state(run_of(state, **fields)) == shown


def test_a_line_of_the_list() -> None:
    run = run_of("completed", ended_at=BEGAN + timedelta(seconds=90))
    run.steps_done, run.steps_total = 3, 3
    row = run_row(run, {"user:1": "Sam"}, {"customer:7": "Composite"}, UsageTotal(1, 500, Decimal("0.25")))
    assert (row["subject"], row["started_by"], row["duration"], row["done"], row["total"]) == ("Composite", "Sam", 90.0, 3, 3)
    assert row["url"] == f"/runs/{run.public_id}/"
    assert "0.25" in row["cost"]


def test_a_customer_that_the_viewer_may_not_see_has_no_name() -> None:
    assert run_row(run_of(), {}, {})["subject"] == ""


def test_the_head_says_where_it_waits_and_adds_up_what_its_steps_used() -> None:
    detail = detail_of(view_of("waiting", waiting_key="abc"))
    used = [UsageTotal(1, 1000, Decimal("0.03")), UsageTotal(2, 200, Decimal("0.0012"))]
    head = run_head(detail, {"user:1": "Sam"}, "Composite", "/customers/7/", used)
    assert (head["left"], head["tokens"], head["calls"], head["done"], head["total"]) == (
        "waits at “Build the model”", 1200, 3, 1, 3,
    )  # fmt: skip
    assert "0.03" in head["cost"]


def test_every_state_of_a_step_has_a_word_that_the_timeline_draws() -> None:
    known = {"done", "running", "waiting", "failed", "ahead", "skipped", "bypassed", "compensated", "cancelled"}
    assert {shown_of(view_of(state))["state"] for state in StepState if state != StepState.WAITING} <= known


def test_a_failed_step_says_what_was_kept_and_what_to_do() -> None:
    step = shown_of(view_of("failed", error="No price list.\nTraceback", error_class="LookupError", input={}))
    assert step["error"]["title"] == "No price list."
    assert step["error"]["detail"] == "LookupError: No price list.\nTraceback"
    assert step["open"]


def verbs_of(state: str, *, run: str = "running", kind: str = "compute", **fields: object) -> dict[str, str]:
    """The verbs of a step of that state, and why not."""
    step = view_of(state, kind=kind, **fields).step
    after = Step(key="next", title="Next", kind="compute", state="completed")
    return {verb["key"]: verb["why_not"] for verb in step_verbs(run_of(run), step, [step, after])}


def test_a_failed_step_can_be_retried_skipped_overridden_and_forked() -> None:
    assert verbs_of("failed", run="failed") == {"retry": "", "skip": "", "override": "", "fork": ""}


def test_what_could_not_be_undone_is_tried_again_or_settled_by_hand() -> None:
    assert verbs_of("compensation_failed", run="stuck") == {"retry": "", "settle": ""}


def test_what_has_not_begun_offers_nothing() -> None:
    assert verbs_of("pending") == verbs_of("bypassed") == {}


@pytest.mark.parametrize(
    ("step", "verb", "why"),
    [
        ({"state": "completed", "taken": ["next"]}, "override", "Later steps went on from it already"),
        ({"state": "completed", "taken": []}, "retry", "Only a failed step"),
        ({"state": "waiting", "kind": "approval"}, "override", "people's decision"),
        ({"state": "waiting", "kind": "branch"}, "skip", "A branch decides"),
        ({"state": "running"}, "override", "A worker holds it"),
        ({"state": "failed", "run": "cancelled"}, "override", "The run is over"),
    ],
    ids=["read", "done", "approval", "branch", "running", "over"],
)
def test_why_a_verb_is_not_possible(step: dict, verb: str, why: str) -> None:
    assert why in verbs_of(**step)[verb]


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("running", ["pause", "fork", "priority", "cancel", "roll_back"]),
        ("failed", ["pause", "fork", "priority", "cancel", "roll_back"]),
        ("completed", ["fork", "roll_back"]),
        ("cancelled", ["fork", "roll_back"]),
        ("rolling_back", ["fork", "priority"]),
        ("stuck", ["fork", "priority"]),
        ("rolled_back", ["fork"]),
    ],
)
def test_what_may_be_done_with_a_run(state: str, possible: list[str]) -> None:
    verbs = run_verbs(run_of(state), [])
    assert [verb["key"] for verb in verbs if not verb["why_not"]] == possible
    assert len(verbs) == 5


def test_a_part_of_a_run_is_not_forked_by_itself() -> None:
    verbs = {verb["key"]: verb["why_not"] for verb in run_verbs(run_of(parent_step_id=4, place=0), [])}
    assert "part of another one" in verbs["fork"]


def test_a_running_step_listens_from_the_last_event_that_is_shown() -> None:
    events = [ProcessEvent(number=4, kind="state", data={"state": "running"}, occurred_at=BEGAN)]
    step = shown_of(view_of("running"), events={"target": events}, sockets={"target": "ws://x/ws/processes/1/"})
    assert step["socket"] == {"url": "ws://x/ws/processes/1/", "after": 4}
    assert [event["text"] for event in step["events"]] == ["Working"]


def test_attempts_keep_their_number_error_and_next_try() -> None:
    attempt = Attempt(number=2, outcome="failed", started_at=BEGAN, ended_at=BEGAN + timedelta(seconds=3), error="away")
    step = Step(key="a", kind="compute", title="A", state=ExecutionState.RUNNING)
    shown = shown_of(StepView(step, (attempt,), can_retry=False, can_skip=False))["attempts"]
    assert [(one["number"], one["state"], one["duration"], one["error"]) for one in shown] == [(2, "failed", 3.0, "away")]


def test_history_in_sentences_by_day() -> None:
    entries = [
        TimelineEntry(BEGAN, "started", "", "user:1", ""),
        TimelineEntry(BEGAN, "attempt_lost", "target", "w1", "lease expired\nmore", 1, BEGAN),
        TimelineEntry(BEGAN + timedelta(days=1), "step_skipped", "target", "user:1", "By hand."),
        TimelineEntry(BEGAN + timedelta(days=1), "something_new", "target", "system", ""),
    ]
    days = history_days(entries, {"target": "Build the model"}, {"user:1": "Sam"})
    told = [(entry["text"], entry["who"], entry["why"]) for day in days for entry in day["entries"]]
    assert len(days) == 2
    assert told == [
        ("The run started", "Sam", ""),
        ("The worker of “Build the model” was lost", "", "lease expired"),
        ("“Build the model” was skipped", "Sam", "By hand."),
        ("Something new: “Build the model”", "", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("state", {"state": "waiting", "for": "application"}, "Proposed; is being applied"),
        ("state", {"state": "failed"}, "Failed"),
        ("computed", {"driver": "s", "label": "Support", "pv": "0", "counted": False}, "Support: listed, not counted"),
        ("rule", {"title": "No guarantees", "status": "failed"}, "No guarantees: failed"),
        ("found", {"claim": "They renew.", "quotation": "we  find\n out"}, "They renew. “we find out”"),
        ("found", {"claim": "They renew.", "quotation": "“we find out”"}, "They renew. “we find out”"),
        ("heard", {"message": "Leave out retention"}, "Honoured: “Leave out retention”"),
        ("model", {"deployment": "fake", "tokens": 12}, "fake answered, 12 tokens"),
        ("question", {"question": "What is the price?"}, "What is the price?"),
        ("something_new", {}, "something new"),
    ],
)
def test_events_as_sentences(kind: str, data: dict[str, object], text: str) -> None:
    assert event_text(kind, data) == text


def test_inputs_of_a_run_and_its_fork_stand_beside_each_other_the_changed_ones_first() -> None:
    rows = inputs_beside({"customer": "7", "seats": 0}, {"customer": "7", "seats": 12}, {"7": "Composite"})
    assert [(row["label"], row["before"]["text"], row["after"]["text"], row["changed"]) for row in rows] == [
        ("Seats", "0", "12", True),
        ("Customer", "Composite", "Composite", False),
    ]


@pytest.mark.parametrize(("subject", "asked"), [("customer:7", ["seats"]), ("", ["customer", "seats"])])
def test_the_customer_that_a_run_is_about_is_no_input_of_its_fork(subject: str, asked: list[str]) -> None:
    graph = definition_of("a: {kind: wait, signal: go}", inputs="{customer: {type: text}, seats: {type: integer}}")
    run = SimpleNamespace(subject=subject, inputs={"customer": "7"}, graph=graph)
    assert list(fork_specs(run)) == asked  # type: ignore[arg-type]  # no more of a run is read


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["evidence", "peer_group"], ["Evidence", "Peer group"]),
        (["part", "part"], ["Part 1", "Part 2"]),
        (["evidence"], [""]),
    ],
)
def test_parts_that_do_something_of_their_own_are_called_by_it(names: list[str], labels: list[str]) -> None:
    parts = [Part(run_of(name=name, place=place)) for place, name in enumerate(names)]
    assert [part["label"] for part in parts_shown({"vote": parts})["vote"]] == labels
