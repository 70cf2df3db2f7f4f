"""Which steps follow: joins, branches, dead ways."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.workflows import definition_of
from workflows.definition import Definition
from workflows.progress import Advance, StepProgress, advance
from workflows.states import OPEN, StepState

PENDING, COMPLETED = StepState.PENDING, StepState.COMPLETED

DIAMOND = definition_of("""
start: {kind: compute, function: test.value, next: [left, right]}
left: {kind: compute, function: test.value, next: join}
right: {kind: compute, function: test.value, next: join}
join: {kind: compute, function: test.value}
""")

BRANCH = definition_of("""
start: {kind: branch, cases: [{when: "${execution.id}", equals: 1, next: long}], otherwise: join}
long: {kind: compute, function: test.value, next: longer}
longer: {kind: compute, function: test.value, next: join}
join: {kind: compute, function: test.value, next: last}
last: {kind: compute, function: test.value}
""")


def _with(definition: Definition, **known: StepProgress) -> dict[str, StepProgress]:
    return {key: known.get(key, StepProgress(PENDING)) for key in definition.steps}


def _done(*taken: str) -> StepProgress:
    return StepProgress(COMPLETED, frozenset(taken))


def test_advance_begins_both_sides() -> None:
    assert advance(DIAMOND, _with(DIAMOND, start=_done("left", "right"))) == Advance(ready=("left", "right"))


def test_join_waits_for_every_way() -> None:
    begun = _with(DIAMOND, start=_done("left", "right"), left=_done("join"), right=StepProgress(StepState.RUNNING))
    assert advance(DIAMOND, begun) == Advance()
    assert advance(DIAMOND, {**begun, "right": _done("join")}) == Advance(ready=("join",))


def test_join_does_not_wait_for_a_way_not_taken() -> None:
    assert advance(BRANCH, _with(BRANCH, start=_done("join"))) == Advance(ready=("join",), bypassed=("long", "longer"))
    assert advance(BRANCH, _with(BRANCH, start=_done("long"))) == Advance(ready=("long",))


def test_no_way_taken_bypasses_everything_after() -> None:
    assert advance(BRANCH, _with(BRANCH, start=_done())) == Advance(bypassed=("long", "longer", "join", "last"))


def test_skipped_step_leads_on_and_failed_step_does_not() -> None:
    skipped = StepProgress(StepState.SKIPPED, frozenset({"join"}))
    assert advance(DIAMOND, _with(DIAMOND, start=_done("left", "right"), left=skipped, right=skipped)).ready == ("join",)
    failed = StepProgress(StepState.FAILED)
    assert advance(DIAMOND, _with(DIAMOND, start=_done("left", "right"), left=skipped, right=failed)) == Advance()


@st.composite
def _graphs(draw: st.DrawFn) -> Definition:
    count = draw(st.integers(2, 9))
    lines = []
    for number in range(count):
        reached = {number - 1: {number}} if number else {}
        later = draw(st.sets(st.integers(number + 1, count), max_size=3)) - {count}
        following = sorted(later | ({number + 1} if number + 1 < count else set()) | reached.get(number, set()))
        lines.append(f"s{number}: {{kind: compute, function: test.value, next: [{', '.join(f's{n}' for n in following)}]}}")
    return definition_of("\n".join(lines))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_graphs(), st.data())
def test_every_run_comes_to_an_end_and_runs_nothing_before_its_time(graph: Definition, data: st.DataObject) -> None:
    steps = {key: StepProgress(PENDING) for key in graph.steps}
    ready = {graph.first}
    for _round in range(len(graph.steps) + 1):
        if not ready:
            break
        key = data.draw(st.sampled_from(sorted(ready)))
        ready.discard(key)
        taken = data.draw(st.sets(st.sampled_from(graph.steps[key].targets))) if graph.steps[key].targets else set()
        steps[key] = _done(*taken)
        following = advance(graph, {**steps, **{k: StepProgress(StepState.READY) for k in ready}})
        for each in following.bypassed:
            steps[each] = StepProgress(StepState.BYPASSED)
        for each in following.ready:
            assert all(steps[before].state not in OPEN for before in graph.before(each))
            ready.add(each)
    assert not any(progress.state in OPEN for progress in steps.values())
