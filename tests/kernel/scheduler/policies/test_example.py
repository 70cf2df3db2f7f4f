"""The example of docs/kernel.md: the same five requests, one slot, each policy."""

import pytest

from kernel.scheduler.policies import Discipline, Policy, Priority
from kernel.scheduler.policies.model import MICROSECONDS, QueueModel
from kernel.scheduler.policies.requests import Waiting

TOKENS = 1000


def request(ticket: str, tenant: str, priority: Priority, at: int, within: int = 60) -> Waiting:
    return Waiting(ticket, tenant, "unit", priority, TOKENS, at * MICROSECONDS, (at + within) * MICROSECONDS)


CAME = [
    request("batch 1", "acme", Priority.BATCH, 0),
    request("batch 2", "acme", Priority.BATCH, 1, within=20),
    request("person 1", "acme", Priority.INTERACTIVE, 2),
    request("person 2", "acme", Priority.INTERACTIVE, 3),
    request("globex", "globex", Priority.NORMAL, 4),
]


@pytest.mark.parametrize(
    ("discipline", "order"),
    [
        (Discipline.FIFO, ["batch 1", "batch 2", "person 1", "person 2", "globex"]),
        (Discipline.ROUND_ROBIN, ["batch 1", "globex", "batch 2", "person 1", "person 2"]),
        (Discipline.PRIORITY, ["person 1", "person 2", "globex", "batch 1", "batch 2"]),
        (Discipline.DEADLINE, ["person 1", "person 2", "globex", "batch 2", "batch 1"]),
        (Discipline.FAIR, ["person 1", "globex", "batch 1", "person 2", "batch 2"]),
    ],
)
def test_each_policy_serves_the_same_five_in_its_own_order(discipline: Discipline, order: list[str]) -> None:
    queue = QueueModel(Policy(discipline, quantum_tokens=TOKENS), slots=0, places=100)
    for one in CAME:
        queue.enter(one, one.stamp)
    served, now = queue.resize(1, 5 * MICROSECONDS), 5 * MICROSECONDS
    while len(served) < len(CAME):
        now += MICROSECONDS
        served += queue.leave(served[-1], now)
    assert served == order
