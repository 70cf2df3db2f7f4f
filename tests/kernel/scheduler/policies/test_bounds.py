"""What each policy promises whoever waits, held against random arrivals."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.scheduler.policies import Discipline, Policy, Waiting
from kernel.scheduler.policies.model import QueueModel, line_of
from kernel.scheduler.policies.pacing import Pace
from kernel.scheduler.policies.weights import Weights

SECOND = 1_000_000
AGING = 10
NOBODY = lambda _: False

arrivals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=25)


def _served(policy: Policy, waiting: list[Waiting]) -> list[tuple[int, Waiting]]:
    """One slot, one second per request: when each begins."""
    model, now, order = QueueModel(policy, slots=1, places=1000), 0, []
    coming = sorted(waiting, key=lambda one: (one.stamp, one.ticket))
    everybody = {one.ticket: one for one in coming}
    holder: list[str] = []
    while coming or holder:
        granted: list[str] = []
        while coming and coming[0].stamp <= now:
            granted += model.enter(coming.pop(0), now)
        if holder:
            granted += model.leave(holder.pop(), now)
        for ticket in granted:
            holder.append(ticket)
            order.append((now, everybody[ticket]))
        now += SECOND
    return order


def _overtakers(order: list[tuple[int, Waiting]]) -> list[tuple[Waiting, Waiting]]:
    """Pairs of one and another who came later and began earlier."""
    return [
        (one, other)
        for index, (_, other) in enumerate(order)
        for _, one in order[index + 1 :]
        if other.stamp > one.stamp
    ]  # fmt: skip


def _waiting(drawn: list[tuple[int, int, int]]) -> list[Waiting]:
    return [
        Waiting(f"t{number:03}", f"tenant{number % 3}", "", priority, 1, at * SECOND, (at + horizon) * SECOND)
        for number, (at, priority, horizon) in enumerate(drawn)
    ]


@settings(max_examples=60, deadline=None)
@given(arrivals)
def test_first_come_first_served_is_never_overtaken(drawn: list[tuple[int, int, int]]) -> None:
    assert _overtakers(_served(Policy(Discipline.FIFO), _waiting(drawn))) == []


@settings(max_examples=100, deadline=None)
@given(arrivals)
def test_aging_bound_nobody_who_comes_later_than_class_times_aging_goes_before(drawn: list[tuple[int, int, int]]) -> None:
    order = _served(Policy(Discipline.PRIORITY, aging_seconds=AGING), _waiting(drawn))
    for one, other in _overtakers(order):
        assert other.stamp - one.stamp <= one.priority * AGING * SECOND


@settings(max_examples=100, deadline=None)
@given(arrivals)
def test_deadline_bound_nobody_overtakes_who_comes_after_aging_and_deadline(drawn: list[tuple[int, int, int]]) -> None:
    order = _served(Policy(Discipline.DEADLINE, aging_seconds=AGING), _waiting(drawn))
    for one, other in _overtakers(order):
        assert other.stamp <= max(one.stamp + one.priority * AGING * SECOND, one.deadline)


def test_a_batch_request_is_served_under_an_endless_stream_of_interactive_ones() -> None:
    stream = [Waiting(f"i{at:03}", "acme", "", 0, 1, at * SECOND, 0) for at in range(100)]
    batch = Waiting("batch", "acme", "", 2, 1, 1, 0)
    order = _served(Policy(Discipline.PRIORITY, aging_seconds=AGING), [batch, *stream])
    began = {one.ticket: at for at, one in order}
    assert began["batch"] == (2 * AGING + 1) * SECOND


def test_higher_classes_go_first_and_deadlines_decide_within_one() -> None:
    waiting = [
        Waiting("holder", "acme", "", 2, 1, 0, 90 * SECOND),
        Waiting("late", "acme", "", 1, 1, 1, 50 * SECOND),
        Waiting("soon", "acme", "", 1, 1, 1, 5 * SECOND),
        Waiting("person", "acme", "", 0, 1, 1, 90 * SECOND),
    ]
    order = _served(Policy(Discipline.DEADLINE), waiting)
    assert [one.ticket for _, one in order] == ["holder", "person", "soon", "late"]


sizes = st.lists(st.integers(1, 50), min_size=40, max_size=40)


@settings(max_examples=50, deadline=None)
@given(sizes, sizes, st.integers(1, 3), st.integers(5, 60))
def test_round_robin_keeps_backlogged_tenants_within_a_quantum_and_a_request(
    first: list[int], second: list[int], weight: int, quantum: int
) -> None:
    policy = Policy(Discipline.ROUND_ROBIN, quantum_tokens=quantum)
    for given_tokens in _shares_while_both_wait(policy, first, second, weight):
        assert abs(given_tokens["a"] - given_tokens["b"] / weight) <= 2 * (quantum + 50)


@settings(max_examples=50, deadline=None)
@given(sizes, sizes, st.integers(1, 3))
def test_fair_queueing_keeps_backlogged_tenants_within_their_largest_requests(
    first: list[int], second: list[int], weight: int
) -> None:
    policy = Policy(Discipline.FAIR)
    for given_tokens in _shares_while_both_wait(policy, first, second, weight):
        assert abs(given_tokens["a"] - given_tokens["b"] / weight) <= 50 + 50 / weight + 1


def _shares_while_both_wait(policy: Policy, first: list[int], second: list[int], weight: int) -> list[dict[str, int]]:
    weights = Weights()
    weights.learn(Waiting("", "b", "u", 1, 0, 0, 0, tenant_weight=weight))
    line = line_of(policy, weights)
    for tenant, tokens in (("a", first), ("b", second)):
        for number, each in enumerate(tokens):
            line.add(Waiting(f"{tenant}{number:02}", tenant, "u", 1, each, number, 0))
    left, given_tokens, history = {"a": len(first), "b": len(second)}, dict.fromkeys("ab", 0), []
    while all(left.values()):
        one = line.first(0, NOBODY)
        assert one is not None
        line.take(one)
        left[one.tenant] -= 1
        given_tokens[one.tenant] += one.tokens
        history.append(dict(given_tokens))
    return history


def test_what_was_overestimated_is_given_back_at_settlement() -> None:
    """Both use 10 tokens a request; one of them says 100. In the end they have had the same."""
    policy, served = Policy(Discipline.FAIR), defaultdict(int)
    line = line_of(policy, Weights())
    for tenant, tokens in (("careful", 100), ("exact", 10)):
        for number in range(100):
            line.add(Waiting(f"{tenant}{number:02}", tenant, "u", 1, tokens, number, 0))
    for _ in range(60):
        one = line.first(0, NOBODY)
        assert one is not None
        line.take(one)
        line.settle(one, 10)
        served[one.tenant] += 1
    assert served == {"careful": 30, "exact": 30}


def test_idle_capacity_that_was_used_is_not_held_against_its_user() -> None:
    model = QueueModel(Policy(Discipline.FAIR), slots=1, places=10)
    for number in range(20):
        model.enter(Waiting(f"alone{number}", "a", "u", 1, 1000, number, 0), number)
        model.leave(f"alone{number}", number)
    model.enter(Waiting("holder", "c", "u", 1, 1, 20, 0), 20)
    for number in range(4):
        for tenant in "ab":
            model.enter(Waiting(f"{tenant}{number}", tenant, "u", 1, 1000, 21 + number, 0), 21 + number)
    order = [*model.leave("holder", 30)]
    for _ in range(7):
        order += model.leave(order[-1], 30)
    assert sorted(order[:2]) == ["a0", "b0"]
    assert {ticket[0] for ticket in order[2:4]} == {"a", "b"}


def test_a_tenant_gets_no_more_slots_and_places_than_its_share() -> None:
    model = QueueModel(Policy(slot_share=50, queue_share=50), slots=4, places=4)
    for number in range(3):
        model.enter(Waiting(f"loud{number}", "loud", "", 1, 1, number, 0), number)
    assert sorted(model.holding) == ["loud0", "loud1"]
    assert model.has_place("loud")
    model.enter(Waiting("loud3", "loud", "", 1, 1, 3, 0), 3)
    assert (model.has_place("loud"), model.has_place("quiet")) == (False, True)
    assert model.enter(Waiting("quiet", "quiet", "", 1, 1, 4, 0), 4) == ["quiet"]
    assert model.leave("loud0", 5) == ["loud2"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 90)), min_size=1, max_size=150), st.integers(60, 600))
def test_no_minute_sees_more_than_the_limit_and_one_request(drawn: list[tuple[int, int]], limit: int) -> None:
    pace, now, gone = Pace(limit), 0, []
    for pause, amount in drawn:
        now += pause
        now += pace.wait(amount, now)
        pace.take(amount, now)
        gone.append((now, amount))
    for at, _ in gone:
        inside = [amount for when, amount in gone if at <= when < at + 60 * SECOND]
        assert sum(inside) <= limit + max(inside)


def test_a_queue_that_is_never_empty_uses_the_limit() -> None:
    pace, now, done = Pace(600), 0, 0
    while now < 600 * SECOND:
        now += pace.wait(1, now)
        pace.take(1, now)
        done += 1
    assert done == pytest.approx(6000 * 60 / 61, abs=12)
