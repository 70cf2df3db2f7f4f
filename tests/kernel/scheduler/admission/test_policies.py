"""The scripts driven at random beside the pure model of each policy: the same tickets get slots, in the same order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, QueueFull, Rules
from kernel.scheduler.admission.arguments import joined, rules_arguments
from kernel.scheduler.admission.scripts import call
from kernel.scheduler.policies import Discipline, Policy, Priority, Request, Waiting
from kernel.scheduler.policies.model import MICROSECONDS, QueueModel

PLACES = 12

policies = st.builds(
    Policy,
    discipline=st.sampled_from(Discipline),
    quantum_tokens=st.integers(1, 60),
    aging_seconds=st.integers(1, 20),
    horizon_seconds=st.integers(0, 30),
    slot_share=st.sampled_from([25, 50, 100]),
    queue_share=st.sampled_from([30, 100]),
)


class BesideTheModel(RuleBasedStateMachine):
    """Time is the test's, so that both sides see the same."""

    client: Redis
    discipline: Discipline | None = None

    @initialize(slots=st.integers(1, 4), policy=policies)
    def begin(self, slots: int, policy: Policy) -> None:
        self.client.flushall()
        self.now, self.made, self.version, self.slots = 1000, 0, 1, slots
        policy = self._mine(policy)
        self.model = QueueModel(policy, slots=slots, places=PLACES)
        self.requests: dict[str, Request] = {}
        self._use(policy)
        self.queue.configure()

    @rule(
        tenant=st.sampled_from("abcd"),
        unit=st.sampled_from("uv"),
        priority=st.sampled_from(Priority),
        tokens=st.integers(0, 100),
        deadline=st.none() | st.integers(0, 60),
        weights=st.tuples(st.integers(1, 3), st.integers(1, 3)),
        preemptible=st.booleans(),
    )
    def enter(
        self,
        tenant: str,
        unit: str,
        priority: Priority,
        tokens: int,
        deadline: int | None,
        weights: tuple[int, int],
        preemptible: bool,
    ) -> None:
        self.made += 1
        ticket = f"t{self.made:03}"
        request = Request(tenant, unit, priority, tokens, deadline, *weights, preemptible, (f"work:{ticket}",))
        if not self.model.has_place(tenant):
            with pytest.raises(QueueFull):
                self.queue.ask(ticket, request)
            return
        self.requests[ticket] = request
        granted = self.model.enter(self._waiting(ticket, request), self.now)
        assert self.queue.ask(ticket, request).granted == (ticket in granted)

    @precondition(lambda self: self.model.line.waiting or self.model.holding)
    @rule(data=st.data(), used=st.none() | st.integers(0, 150))
    def leave(self, data: st.DataObject, used: int | None) -> None:
        ticket = data.draw(st.sampled_from(sorted([*self.model.line.waiting, *self.model.holding])))
        granted = self.model.leave(ticket, self.now, used_tokens=used)
        self.queue.release(ticket, used_tokens=used)
        self._check_woken(granted)

    @precondition(lambda self: self.model.holding)
    @rule(data=st.data(), used=st.integers(0, 150), left=st.integers(0, 100))
    def give_way(self, data: st.DataObject, used: int, left: int) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.model.holding)))
        before = self.requests[ticket]
        rest = replace(before, tokens=left)
        self.requests[ticket] = rest
        granted = self.model.give_way(ticket, self._waiting(ticket, rest), self.now, used_tokens=used)
        assert self.queue.ask(ticket, rest, used_tokens=used).granted == (ticket in granted)
        self._check_woken([one for one in granted if one != ticket])

    @precondition(lambda self: self.model.line.waiting or self.model.holding)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted([*self.model.line.waiting, *self.model.holding])))
        assert self.queue.ask(ticket, self.requests[ticket]).granted == (ticket in self.model.holding)

    @precondition(lambda self: self.model.holding)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.model.holding)))
        assert self.queue.renew(ticket, self.requests[ticket])

    @precondition(lambda self: self.model.line.waiting or self.model.holding)
    @rule(data=st.data(), priority=st.sampled_from(Priority))
    def promote(self, data: st.DataObject, priority: Priority) -> None:
        ticket = data.draw(st.sampled_from(sorted([*self.model.line.waiting, *self.model.holding])))
        self.model.promote(ticket, priority, self.now)
        arguments = joined([f"work:{ticket}", int(priority), 1])
        rules = Rules(concurrency=-1, lease_seconds=1e6)
        header = joined([self.now, "", *rules_arguments(rules)])
        call(self.client, "promote", "vos:admission:", header + arguments)
        self.client.delete(f"vos:admission:class:work:{ticket}")

    @rule(seconds=st.floats(0.001, 15))
    def time_passes(self, seconds: float) -> None:
        self.now += round(seconds * MICROSECONDS)

    @rule(slots=st.integers(1, 4))
    def resize(self, slots: int) -> None:
        self.slots = slots
        self._use(self.model.policy)
        granted = self.model.resize(slots, self.now)
        self.queue.release("nobody")
        self._check_woken(granted)

    @rule(policy=policies)
    def change_policy(self, policy: Policy) -> None:
        self.version += 1
        policy = self._mine(policy)
        self._use(policy)
        granted = self.model.change(policy, self.now)
        self.queue.configure()
        self._check_woken(granted)

    @invariant()
    def queue_and_model_agree(self) -> None:
        if not hasattr(self, "queue"):
            return
        assert self.queue.occupancy() == (len(self.model.holding), len(self.model.line.waiting))
        leases, told, room, streams, records = self._stored()
        assert leases == set(self.model.holding)
        assert told == self.model.told
        assert room == {waiter: stream for stream, waiter in told.items()}
        assert streams == {one.ticket for one in self.model.holding.values() if one.preemptible} - set(told)
        assert records == set(self.model.holding) | set(self.model.line.waiting)

    def _stored(self) -> tuple[set[str], dict[str, str], dict[str, str], set[str], set[str]]:
        """Of the queue, in one round trip: leases, told, room, streams, and whose requests are kept."""
        prefix = "vos:admission:queue:model:"
        asked = self.client.pipeline(transaction=False)
        asked.zrange(prefix + "leases", 0, -1)
        asked.hgetall(prefix + "told")
        asked.hgetall(prefix + "room")
        asked.zrange(prefix + "streams", 0, -1)
        asked.keys(prefix + "request:*")
        leases, told, room, streams, records = asked.execute()
        return (
            {name.decode() for name in leases},
            {stream.decode(): waiter.decode() for stream, waiter in told.items()},
            {waiter.decode(): stream.decode() for waiter, stream in room.items()},
            {name.decode() for name in streams},
            {name.decode().removeprefix(prefix + "request:") for name in records},
        )

    def _mine(self, policy: Policy) -> Policy:
        changes: dict[str, Any] = {"version": self.version}
        if self.discipline:
            changes["discipline"] = self.discipline
        return Policy(**(vars(policy) | changes))

    def _use(self, policy: Policy) -> None:
        rules = Rules(
            concurrency=self.slots, lease_seconds=1e6, waiter_seconds=1e6, grace_seconds=0, longest_queue=PLACES, policy=policy
        )
        self.queue = AdmissionQueue(self.client, "model", rules, clock=lambda: self.now, address="here")

    def _waiting(self, ticket: str, request: Request) -> Waiting:
        horizon = self.model.policy.horizon_seconds if request.deadline_seconds is None else request.deadline_seconds
        deadline = self.now + round(horizon * MICROSECONDS)
        return Waiting(
            ticket, request.tenant, request.unit, request.priority, request.tokens, self.now, deadline,
            request.tenant_weight, request.unit_weight, request.preemptible,
        )  # fmt: skip

    def _wake(self, ticket: str) -> str:
        return f"vos:admission:queue:model:wake:{ticket}"

    def _check_woken(self, granted: list[str]) -> None:
        """Exactly those let in have a message to wake up for."""
        tickets, deleted = list(self.requests), self.client.pipeline(transaction=False)
        for ticket in tickets:
            deleted.delete(self._wake(ticket))
        woken = {ticket for ticket, count in zip(tickets, deleted.execute(), strict=True) if count}
        assert woken == set(granted)


type MakeMachine = Callable[[Discipline | None], type[BesideTheModel]]


@pytest.fixture
def make_machine(client: Redis) -> MakeMachine:
    return lambda discipline: type("Machine", (BesideTheModel,), {"client": client, "discipline": discipline})


@pytest.mark.parametrize("discipline", [*Discipline, None])
def test_scripts_behave_like_the_model_of_the_policy(make_machine: MakeMachine, discipline: Discipline | None) -> None:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        make_machine(discipline),
        settings=settings(max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=checks),
    )
