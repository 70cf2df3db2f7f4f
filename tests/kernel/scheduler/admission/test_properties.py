"""The queue driven at random beside a pure model of first come, first served."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, Rules
from kernel.scheduler.policies import Request


class FirstComeFirstServed(RuleBasedStateMachine):
    """Model: a list of waiters and a set of holders; whoever leaves lets the head of the list in."""

    client: Redis

    @initialize(limit=st.integers(1, 4))
    def begin(self, limit: int) -> None:
        self.client.flushall()
        self.limit, self.made = limit, 0
        self.waiting: list[str] = []
        self.holding: list[str] = []
        rules = Rules(concurrency=limit, lease_seconds=600, waiter_seconds=600, grace_seconds=0)
        self.queue = AdmissionQueue(self.client, "model", rules)

    @rule()
    def enter(self) -> None:
        self.made += 1
        ticket = f"t{self.made}"
        self.waiting.append(ticket)
        self._let_in()
        assert self.queue.ask(ticket, Request()).granted == (ticket in self.holding)

    @precondition(lambda self: self.waiting or self.holding)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from([*self.waiting, *self.holding]))
        assert self.queue.ask(ticket, Request()).granted == (ticket in self.holding)

    @precondition(lambda self: self.waiting or self.holding)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from([*self.waiting, *self.holding]))
        (self.waiting if ticket in self.waiting else self.holding).remove(ticket)
        self.queue.release(ticket)
        self._let_in()

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        assert self.queue.renew(data.draw(st.sampled_from(self.holding)))

    @invariant()
    def queue_and_model_agree(self) -> None:
        if hasattr(self, "queue"):
            assert self.queue.occupancy() == (len(self.holding), len(self.waiting))
            assert len(self.holding) <= self.limit

    def _let_in(self) -> None:
        while self.waiting and len(self.holding) < self.limit:
            self.holding.append(self.waiting.pop(0))


@pytest.fixture
def machine(client: Redis) -> type[FirstComeFirstServed]:
    return type("Machine", (FirstComeFirstServed,), {"client": client})


def test_queue_behaves_like_first_come_first_served(machine: type[FirstComeFirstServed]) -> None:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )
