"""A model of control: runs are driven through all verbs in random order, and what must hold is checked after each.

What a verb refuses must leave no trace; what it does to one run must leave all other runs as they are, forks and parents too.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from kernel.audit.models import AuditRecord
from kernel.audit.services import audit_record
from tenants.actors import SYSTEM_ACTOR
from tests.factories.workflows import definition_of
from workflows.models import Execution, Step
from workflows.services import (
    ForkRefused,
    LeaseLost,
    OverrideRefused,
    SignalRefused,
    SkipRefused,
    execution_cancel,
    execution_fork,
    execution_pause,
    execution_prioritise,
    execution_resume,
    execution_roll_back,
    execution_start,
    signal_send,
    step_claim,
    step_override,
    step_override_undo,
    step_retry,
    step_run,
    step_settle,
    step_skip,
    step_steer,
)
from workflows.services.claims import locked_by
from workflows.services.dead_letters import Letter, dead_letters_replay
from workflows.states import EXECUTIONS, OPEN, STEPS, IllegalTransition, StepState
from workflows.steps.functions import StepFunction, register_function
from workflows.steps.protocol import StepRun, StepTerminal

DO, UNDO = "machine.do", "machine.undo"
KEYS = ("a", "b", "w", "j", "k", "m", "n")
REFUSALS = (IllegalTransition, SkipRefused, OverrideRefused, ForkRefused, SignalRefused)
_faults: set[str] = set()


def _commit(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    audit_record(actor="system", action=DO, subject=f"{run.execution} {run.key}")
    if f"do {run.key}" in _faults:
        _faults.discard(f"do {run.key}")
        raise StepTerminal("Broken.")
    return {"said": run.key}


def _undo(run: StepRun, output: Mapping[str, Any]) -> None:
    assert output == {"said": run.key}  # its own output, whatever a person put in its place
    audit_record(actor="system", action=UNDO, subject=f"{run.execution} {run.key}")
    if f"undo {run.key}" in _faults:
        _faults.discard(f"undo {run.key}")
        raise StepTerminal("Gone.")


register_function(StepFunction("test.machine", commit=_commit, compensate=_undo))
GRAPH = definition_of(
    """
a: {kind: compute, function: test.machine, next: [b, w]}
b: {kind: compute, function: test.machine, next: j}
w: {kind: wait, signal: go, next: j}
j: {kind: compute, function: test.machine, next: k}
k:
  kind: branch
  cases: [{when: "${inputs.rate}", equals: 1, next: m}, {when: "${inputs.rate}", equals: 3, next: x}]
  otherwise: n
x: {kind: agent, agent: target}  # nobody's rate is 3: it can be told something until the run goes past it
m: {kind: compute, function: test.machine}
n: {kind: compute, function: test.machine}
""",
    inputs="{rate: {type: integer, default: 1}}",
)


def _reachable(table: Mapping[Any, frozenset[Any]]) -> dict[str, set[str]]:
    """For each state, those that any number of moves lead to."""
    found = {state.value: {state.value, *(after.value for after in afters)} for state, afters in table.items()}
    for _round in found:
        found = {state: set().union(*(found[after] for after in afters)) for state, afters in found.items()}
    return found


RUN_WAYS, STEP_WAYS = _reachable(EXECUTIONS), _reachable(STEPS)


ROUNDS = st.integers(0, 8)


def _work(run: Execution, rounds: int) -> None:
    """What workers do about a run, some rounds of it."""
    for _round in range(rounds):
        due = run.steps.filter(state__in=["ready", "running", "waiting", "compensation_due", "compensating"])
        steps = list(due.order_by("pk").values_list("pk", flat=True))
        done = [step_run(step_id=pk, worker="w", random=lambda: 0.0) for pk in steps]
        if True not in done:
            return


class Control(RuleBasedStateMachine):
    """Up to three runs, and whatever people and workers do to them."""

    def __init__(self) -> None:
        super().__init__()
        _faults.clear()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.seen: dict[int, tuple[str, int]] = {}
        self.run_seen: dict[int, str] = {}
        self.settled: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        """The next example begins with an empty database."""
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # What people do -------------------------------------------------------------------------------------------------------

    @initialize(rounds=ROUNDS, answered=st.booleans())
    def begin(self, rounds: int, answered: bool) -> None:
        run = execution_start(definition=GRAPH, inputs={}, subject="", actor=SYSTEM_ACTOR)
        if answered:
            signal_send(execution=run, name="go", payload={}, actor=SYSTEM_ACTOR)
        _work(run, rounds)

    @rule(number=st.integers(0, 2), key=st.sampled_from(KEYS), rate=st.integers(1, 2), rounds=ROUNDS)
    @precondition(lambda self: Execution.objects.count() < 3)
    def fork(self, number: int, key: str, rate: int, rounds: int) -> None:
        def branch_off(run: Execution) -> None:
            _work(execution_fork(execution=run, step=key, inputs={"rate": rate}, actor=SYSTEM_ACTOR), rounds)

        self._on(number, branch_off, also_itself=False)

    @rule(number=st.integers(0, 2), verb=st.sampled_from([execution_pause, execution_resume]))
    def hold(self, number: int, verb: Callable[..., Any]) -> None:
        self._on(number, lambda run: verb(execution=run, actor=SYSTEM_ACTOR))

    @rule(number=st.integers(0, 2))
    def cancel(self, number: int) -> None:
        self._on(number, lambda run: execution_cancel(execution=run, reason="r", actor=SYSTEM_ACTOR))

    @rule(number=st.integers(0, 2), rounds=ROUNDS)
    def roll_back(self, number: int, rounds: int) -> None:
        def go_back(run: Execution) -> None:
            execution_roll_back(execution=run, reason="r", actor=SYSTEM_ACTOR)
            _work(run, rounds)

        self._on(number, go_back)

    @rule(number=st.integers(0, 2), priority=st.sampled_from(["interactive", "batch"]))
    def prioritise(self, number: int, priority: str) -> None:
        self._on(number, lambda run: execution_prioritise(execution=run, priority=priority, actor=SYSTEM_ACTOR))

    @rule(number=st.integers(0, 2), key=st.sampled_from(["", "1"]))
    def signal(self, number: int, key: str) -> None:
        self._on(number, lambda run: signal_send(execution=run, name="go", payload={}, actor=SYSTEM_ACTOR, key=key))

    @rule(number=st.integers(0, 2), key=st.sampled_from(KEYS))
    def retry(self, number: int, key: str) -> None:
        self._on(number, lambda run: step_retry(step=run.steps.get(key=key), actor=SYSTEM_ACTOR))

    @rule(number=st.integers(0, 2))
    def replay(self, number: int) -> None:
        def again(run: Execution) -> None:
            dead = run.steps.filter(state__in=["failed", "compensation_failed"]).values_list("pk", "attempt")
            letters = [Letter(*row) for row in dead]
            outcomes = [replay.outcome for replay in dead_letters_replay(letters=[*letters, *letters], actor=SYSTEM_ACTOR)]
            assert outcomes == ["replayed"] * len(letters) + ["gone"] * len(letters)

        self._on(number, again)

    @rule(number=st.integers(0, 2), key=st.sampled_from(KEYS))
    def skip(self, number: int, key: str) -> None:
        def past(run: Execution) -> None:
            step = run.steps.get(key=key)
            if step.state == StepState.COMPENSATION_FAILED:
                step_settle(step=step, reason="By hand.", actor=SYSTEM_ACTOR)
                self.settled.add((run.reference, key))
            else:
                step_skip(step=step, reason="No need.", actor=SYSTEM_ACTOR)

        self._on(number, past)

    @rule(number=st.integers(0, 2), key=st.sampled_from(KEYS))
    def override(self, number: int, key: str) -> None:
        output = {"taken": "m"} if key == "k" else {"said": "something else"}
        self._on(
            number, lambda run: step_override(step=run.steps.get(key=key), output=output, reason="Better.", actor=SYSTEM_ACTOR)
        )

    @rule(number=st.integers(0, 2), key=st.sampled_from(KEYS))
    def take_the_override_back(self, number: int, key: str) -> None:
        self._on(number, lambda run: step_override_undo(step=run.steps.get(key=key), reason="As it was.", actor=SYSTEM_ACTOR))

    @rule(number=st.integers(0, 2), key=st.sampled_from("xxa"))
    def steer(self, number: int, key: str) -> None:
        self._on(number, lambda run: step_steer(step=run.steps.get(key=key), message="Leave it out.", actor=SYSTEM_ACTOR))

    # What workers do ------------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 2), rounds=ROUNDS)
    def work(self, number: int, rounds: int) -> None:
        self._on(number, lambda run: _work(run, rounds))

    @rule(number=st.integers(0, 2))
    def worker_dies_and_comes_back_too_late(self, number: int) -> None:
        def die(run: Execution) -> None:
            due = run.steps.filter(state__in=["ready", "compensation_due"]).order_by("pk").first()
            lease = step_claim(step_id=due.pk, worker="dead") if due else None
            if lease is None:
                assert due is None or run.is_paused or due.due_at > timezone.now()
                return
            Step.objects.filter(pk=lease.step_id).update(lease_until=timezone.now() - timedelta(seconds=1))
            if step_run(step_id=lease.step_id, worker="next", random=lambda: 0.0):
                with pytest.raises(LeaseLost), transaction.atomic():
                    locked_by(lease)

        self._on(number, die)

    @rule(fault=st.sampled_from([f"{what} {key}" for what in ("do", "undo") for key in "abjm"]))
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
    def nothing_is_open_after_the_end(self) -> None:
        over = ["completed", "cancelled", "rolling_back", "rolled_back", "stuck"]
        assert not Step.objects.filter(execution__state__in=over, state__in=[state.value for state in OPEN]).exists()
        assert not Step.objects.filter(execution__state="rolled_back", state="completed", taken_over=None).exists()
        assert not Execution.objects.filter(state="failed").exclude(steps__state="failed").exists()

    @invariant()
    def effects_happen_once_and_are_undone_in_reverse(self) -> None:
        done, undone = self._effects(DO), self._effects(UNDO)
        assert len(done) == len(set(done))
        assert len(undone) == len(set(undone))
        for run in {effect[0] for effect in [*done, *undone]}:
            mine = [effect for effect in done if effect[0] == run and effect not in self.settled]
            back = [effect for effect in undone if effect[0] == run]
            assert back == mine[::-1][: len(back)]

    @invariant()
    def steps_are_completed_by_their_effect_or_by_their_parents(self) -> None:
        done = self._effects(DO)
        for step in Step.objects.filter(kind="compute").select_related("execution", "taken_over"):
            happened = (step.execution.reference, step.key) in done
            expected = StepState(step.state) in {StepState.COMPLETED, StepState.COMPENSATED, StepState.COMPENSATION_DUE} | {
                StepState.COMPENSATING,
                StepState.COMPENSATION_FAILED,
            }
            assert happened == (expected and not hasattr(step, "taken_over"))

    # --------------------------------------------------------------------------------------------------------------------------

    def _effects(self, action: str) -> list[tuple[str, str]]:
        """What was done or undone, as run and step, in order."""
        subjects = AuditRecord.objects.filter(action=action).order_by("id").values_list("subject", flat=True)
        return [tuple(subject.split(" ")) for subject in subjects]  # type: ignore[misc]

    def _on(self, number: int, verb: Callable[[Execution], object], *, also_itself: bool = True) -> None:
        """Do ``verb`` to one run. All others stay as they are, and that one too if it refuses, or if only a fork comes of it."""
        runs = list(Execution.objects.order_by("pk"))
        run, before = runs[number % len(runs)], _fingerprints()
        stays = not also_itself
        try:
            with transaction.atomic():
                verb(run)
        except REFUSALS:
            stays = True
        after = _fingerprints()
        assert [pk for pk in before if before[pk] != after[pk] and (stays or pk != run.pk)] == []


# All that each run consists of.
_FINGERPRINTS = """
SELECT e.id, md5(e::text
    || coalesce((SELECT string_agg(s::text, '' ORDER BY s.id) FROM workflows_step s WHERE s.execution_id = e.id), '')
    || coalesce((SELECT string_agg(a::text, '' ORDER BY a.id) FROM workflows_attempt a
                 JOIN workflows_step s ON s.id = a.step_id WHERE s.execution_id = e.id), '')
    || coalesce((SELECT string_agg(g::text, '' ORDER BY g.id) FROM workflows_signal g WHERE g.execution_id = e.id), ''))
FROM workflows_execution e"""


def _fingerprints() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINTS)
        return dict(cursor.fetchall())


@pytest.mark.usefixtures("in_acme")
def test_runs_keep_their_promises_under_all_verbs_in_random_order() -> None:
    # Some 24 verbs in each of a few examples: more of them find nothing that these do not, and each costs a tenth of a second.
    run_state_machine_as_test(Control, settings=settings(max_examples=6, stateful_step_count=24, deadline=None))  # type: ignore[no-untyped-call]
