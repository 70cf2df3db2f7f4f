"""A model of families: runs with a map, a loop and a workflow inside, driven through all verbs in random order.

``test_control_machine`` has plain steps and forks; this has what goes from parent to child and back.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kernel.audit.models import AuditRecord
from kernel.audit.services import audit_record
from tenants.actors import SYSTEM_ACTOR
from tests.factories.families import work
from tests.factories.workflows import definition_of
from tests.workflows.test_control_machine import REFUSALS, RUN_WAYS, STEP_WAYS
from workflows.models import Execution, Step
from workflows.selectors.children import children_outputs
from workflows.services import (
    execution_cancel,
    execution_pause,
    execution_resume,
    execution_roll_back,
    execution_start,
    signal_send,
    step_override,
    step_retry,
    step_settle,
    step_skip,
)
from workflows.states import LEASED, OPEN, StepState
from workflows.steps.functions import StepFunction, register_function
from workflows.steps.protocol import StepRun, StepTerminal

DO, UNDO = "family.do", "family.undo"
OVER = ["completed", "cancelled", "rolling_back", "rolled_back", "stuck"]
_faults: set[str] = set()


def _fault(name: str) -> None:
    if name in _faults:
        _faults.discard(name)
        raise StepTerminal("Broken.")


def _commit(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    audit_record(actor="system", action=DO, subject=f"{run.execution} {run.key}")
    _fault(f"do {run.key}")
    return {"said": run.key}


def _undo(run: StepRun, output: Mapping[str, Any]) -> None:
    audit_record(actor="system", action=UNDO, subject=f"{run.execution} {run.key}")
    _fault(f"undo {run.key}")


register_function(StepFunction("test.family_machine", commit=_commit, compensate=_undo))
GRAPH = definition_of("""
a: {kind: compute, function: test.family_machine, next: each}
each:
  kind: map
  over: ${inputs.numbers}
  at_once: 2
  body:
    steps:
      m: {kind: compute, function: test.family_machine, next: w}
      w: {kind: wait, signal: go, next: n}
      n: {kind: compute, function: test.family_machine}
  next: [again, inside]
again:
  kind: loop
  bodies: {first: {kind: compute, function: test.family_machine}, second: {kind: compute, function: test.family_machine}}
  next: z
inside:
  kind: workflow
  inputs: {numbers: "${inputs.numbers}"}
  body: {kind: map, over: "${inputs.numbers}", at_once: 1, body: {kind: compute, function: test.family_machine}}
  next: z
z: {kind: compute, function: test.family_machine}
""", inputs="{numbers: {type: list, default: [1, 2, 3]}}")  # fmt: skip

PICK = st.integers(0, 40)
ROUNDS = st.integers(0, 6)


class Family(RuleBasedStateMachine):
    """One run with its children, and whatever people and workers do to any of them."""

    def __init__(self) -> None:
        super().__init__()
        _faults.clear()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.seen: dict[int, tuple[str, int]] = {}
        self.run_seen: dict[int, str] = {}
        self.settled: set[str] = set()

    def teardown(self) -> None:
        """The next example begins with an empty database."""
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @property
    def root(self) -> Execution:
        """The run that a person started."""
        return Execution.objects.get(parent_step=None)

    # What people do -------------------------------------------------------------------------------------------------------

    @initialize(rounds=ROUNDS)
    def begin(self, rounds: int) -> None:
        work(execution_start(definition=GRAPH, inputs={}, subject="", actor=SYSTEM_ACTOR), rounds=rounds)

    @rule(number=PICK, verb=st.sampled_from([execution_pause, execution_resume]))
    def hold(self, number: int, verb: Callable[..., Any]) -> None:
        _tried(lambda: verb(execution=_one_of(number), actor=SYSTEM_ACTOR))

    @rule(number=PICK)
    def cancel_a_child(self, number: int) -> None:
        if (run := _one_of(number)).parent_step_id:
            _tried(lambda: execution_cancel(execution=run, reason="r", actor=SYSTEM_ACTOR))

    @rule(rounds=ROUNDS)
    def roll_back(self, rounds: int) -> None:
        _tried(lambda: execution_roll_back(execution=self.root, reason="r", actor=SYSTEM_ACTOR))
        work(self.root, rounds=rounds)

    @rule(rounds=ROUNDS)
    def answer(self, rounds: int) -> None:
        for run in Execution.objects.filter(steps__key="w").order_by("pk"):
            _tried(lambda run=run: signal_send(execution=run, name="go", payload={}, actor=SYSTEM_ACTOR))  # type: ignore[misc]
        work(self.root, rounds=rounds)

    @rule(number=PICK)
    def retry(self, number: int) -> None:
        if (step := _one_that(number, ["failed", "compensation_failed"])) is not None:
            _tried(lambda: step_retry(step=step, actor=SYSTEM_ACTOR))

    @rule(number=PICK, outputs=st.booleans())
    def pass_by_hand(self, number: int, outputs: bool) -> None:
        step = _one_that(number, ["failed", "compensation_failed", "waiting"])
        if step is None:
            return
        if step.state == StepState.COMPENSATION_FAILED:
            self.settled.add(f"{step.execution.reference} {step.key}")
            _tried(lambda: step_settle(step=step, reason="By hand.", actor=SYSTEM_ACTOR))
        elif outputs:
            _tried(lambda: step_override(step=step, output={"said": "else"}, reason="Better.", actor=SYSTEM_ACTOR))
        else:
            _tried(lambda: step_skip(step=step, reason="No need.", actor=SYSTEM_ACTOR))

    # What workers do ------------------------------------------------------------------------------------------------------

    @rule(rounds=ROUNDS)
    def go_on(self, rounds: int) -> None:
        work(self.root, rounds=rounds)

    @rule(fault=st.sampled_from(["do m", "do n", "do z", "do do", "undo a", "undo m", "undo do"]))
    def break_something(self, fault: str) -> None:
        _faults.add(fault)

    # What must hold -------------------------------------------------------------------------------------------------------

    @invariant()
    def states_move_by_the_tables_and_fences_grow(self) -> None:
        for pk, state, fence in Step.objects.values_list("pk", "state", "fence"):
            before, former = self.seen.get(pk, (state, 0))
            assert state in STEP_WAYS[before]
            assert fence >= former
            self.seen[pk] = (state, fence)
        for pk, state in Execution.objects.values_list("pk", "state"):
            assert state in RUN_WAYS[self.run_seen.get(pk, state)]
            self.run_seen[pk] = state

    @invariant()
    def nobody_works_for_what_is_over(self) -> None:
        open_steps = Step.objects.filter(state__in=[state.value for state in OPEN])
        assert not open_steps.filter(execution__state__in=OVER).exists()
        at_work = Execution.objects.filter(state="running", parent_step__isnull=False)
        for child in at_work.select_related("parent_step"):
            assert child.replaced_at is None
            assert child.parent_step is not None
            assert StepState(child.parent_step.state) in OPEN
        assert not Step.objects.filter(execution__begun_at=None, state__in=[state.value for state in LEASED]).exists()

    @invariant()
    def bounds_on_children_at_once_hold(self) -> None:
        for key, most in (("each", 2), ("again", 1), ("do", 1)):
            children = Execution.objects.filter(parent_step__key=key, state="running").exclude(begun_at=None)
            assert children.count() <= most + _retried(key)

    @invariant()
    def effects_happen_once_and_are_undone_in_reverse(self) -> None:
        done, undone = _subjects(DO), _subjects(UNDO)
        assert len(done) == len(set(done))
        assert len(undone) == len(set(undone))
        for run in {subject.split(" ")[0] for subject in undone}:
            mine = [subject for subject in done if subject.startswith(run) and subject not in self.settled]
            back = [subject for subject in undone if subject.startswith(run)]
            assert back == mine[::-1][: len(back)]

    @invariant()
    def what_is_over_is_whole(self) -> None:
        root = self.root
        if root.state == "rolled_back":
            assert set(_subjects(DO)) == set(_subjects(UNDO)) | self.settled
        for step in root.steps.filter(state="completed", kind="map", overridden_by=""):
            assert step.output["items"] == list(children_outputs(step).values())


def _tried(verb: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            verb()
    except REFUSALS:
        return  # and nothing of it stays, which the savepoint sees to


def _one_of(number: int) -> Execution:
    runs = list(Execution.objects.order_by("pk"))
    return runs[number % len(runs)]


def _one_that(number: int, states: list[str]) -> Step | None:
    steps = list(Step.objects.filter(state__in=states).select_related("execution").order_by("pk"))
    return steps[number % len(steps)] if steps else None


def _retried(key: str) -> int:
    """Children that a person had tried again: these run beside those that have begun since."""
    return AuditRecord.objects.filter(action="workflow.step_retried").count()


def _subjects(action: str) -> list[str]:
    return list(AuditRecord.objects.filter(action=action).order_by("id").values_list("subject", flat=True))


@pytest.mark.usefixtures("in_acme")
def test_families_keep_their_promises_under_all_verbs_in_random_order() -> None:
    run_state_machine_as_test(Family, settings=settings(max_examples=4, stateful_step_count=14, deadline=None))  # type: ignore[no-untyped-call]
