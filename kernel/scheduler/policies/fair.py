"""Weighted fair queueing over a tree: tenants by their weights, within each classes, within each its agents and workflows.

The classes stand above the units, so that a person's question does not wait behind what hundreds of agents of the same tenant
do overnight, and yet takes no more than its part.
"""

from kernel.scheduler.policies.lines import Barred, Line
from kernel.scheduler.policies.requests import Waiting
from kernel.scheduler.policies.virtual_time import FairNode
from kernel.scheduler.policies.weights import Weights

# Tags are whole numbers, so that Python and Lua agree exactly; a token of weight 1 is so many units.
SCALE = 1000

type Path = tuple[str, ...]


def path_of(one: Waiting) -> Path:
    """Where in the tree ``one`` waits. Of two classes that are even the higher comes first, since its name does."""
    return one.tenant, str(one.priority), one.unit


class WeightedFair(Line):
    """Bound: for two tenants that wait all the time, tokens by weight differ by at most their largest requests, each by weight,
    and what is not settled yet; the same holds for two classes of a tenant and for two units of a class."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.weights = weights
        self.nodes: dict[Path, FairNode] = {(): FairNode()}
        self.lanes: dict[Path, list[Waiting]] = {}

    def add(self, one: Waiting) -> None:
        self.waiting[one.ticket] = one
        path = path_of(one)
        self.lanes[path] = sorted([*self.lanes.get(path, []), one], key=lambda each: (each.stamp, each.ticket))
        for node, child in self._upwards(path):
            if child in node.starts:
                return
            node.begin(child)

    def remove(self, one: Waiting) -> None:
        others_wait = self._out_of_lane(one)
        for node, child in self._upwards(path_of(one)):
            if others_wait:
                return
            node.end(child)
            others_wait = bool(node.starts)

    def first(self, now: int, barred: Barred) -> Waiting | None:
        able = [(tag, tenant) for tenant, tag in self.nodes[()].starts.items() if not barred(tenant)]
        if not able:
            return None
        path: Path = (min(able)[1],)
        while path not in self.lanes:
            path = *path, min((tag, child) for child, tag in self.nodes[path].starts.items())[1]
        return self.lanes[path][0]

    def class_of(self, one: Waiting, now: int) -> int:
        return one.priority

    def take(self, one: Waiting) -> None:
        others_wait, costs = self._out_of_lane(one), self._costs(one, one.tokens)
        for (node, child), cost in zip(self._upwards(path_of(one)), costs, strict=True):
            node.serve(child, cost, waits_on=others_wait)
            others_wait = bool(node.starts)

    def settle(self, one: Waiting, used_tokens: int) -> None:
        before, after = self._costs(one, one.tokens), self._costs(one, used_tokens)
        for (node, child), charged, used in zip(self._upwards(path_of(one)), before, after, strict=True):
            node.correct(child, used - charged)

    def unbar(self, tenant: str) -> None:
        if tenant in self.nodes[()].starts:
            self.nodes[()].catch_up(tenant)

    def _upwards(self, path: Path) -> list[tuple[FairNode, str]]:
        """The nodes above a lane with the child that leads to it, the lowest first."""
        return [(self.nodes.setdefault(path[:depth], FairNode()), path[depth]) for depth in (2, 1, 0)]

    def _out_of_lane(self, one: Waiting) -> bool:
        """Take ``one`` out; whether others wait on in its lane."""
        del self.waiting[one.ticket]
        lane = self.lanes[path_of(one)]
        lane.remove(one)
        if not lane:
            del self.lanes[path_of(one)]
        return bool(lane)

    def _costs(self, one: Waiting, tokens: int) -> tuple[int, ...]:
        """What ``tokens`` cost the unit, the class and the tenant."""
        return tuple(tokens * SCALE // weight for weight in self.weights.upwards(one))
