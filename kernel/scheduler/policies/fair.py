"""Weighted fair queueing over a tree: tenants by their weights, within each its agents and workflows, by class.

A leaf is one class of requests of one unit, so that a person's question does not wait for what their agent does overnight.
"""

from kernel.scheduler.policies.lines import Barred, Line
from kernel.scheduler.policies.requests import Waiting
from kernel.scheduler.policies.virtual_time import FairNode
from kernel.scheduler.policies.weights import Weights

# Tags are whole numbers, so that Python and Lua agree exactly; a token of weight 1 is so many units.
SCALE = 1000


def leaf_of(one: Waiting) -> str:
    """The name of the leaf that ``one`` waits in, within its tenant."""
    return f"{one.unit}/{one.priority}"


class WeightedFair(Line):
    """Bound: for two tenants that wait all the time, tokens by weight differ by at most their largest requests, each by weight,
    and what is not settled yet; the same holds for two leaves of one tenant."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.weights = weights
        self.root = FairNode()
        self.tenants: dict[str, FairNode] = {}
        self.lanes: dict[tuple[str, str], list[Waiting]] = {}

    def add(self, one: Waiting) -> None:
        self.waiting[one.ticket] = one
        node, place = self.tenants.setdefault(one.tenant, FairNode()), (one.tenant, leaf_of(one))
        self.lanes[place] = sorted([*self.lanes.get(place, []), one], key=lambda each: (each.stamp, each.ticket))
        if leaf_of(one) not in node.starts:
            node.begin(leaf_of(one))
        if one.tenant not in self.root.starts:
            self.root.begin(one.tenant)

    def remove(self, one: Waiting) -> None:
        node = self.tenants[one.tenant]
        if not self._out_of_lane(one):
            node.end(leaf_of(one))
            if not node.starts:
                self.root.end(one.tenant)

    def first(self, now: int, barred: Barred) -> Waiting | None:
        able = [(tag, tenant) for tenant, tag in self.root.starts.items() if not barred(tenant)]
        if not able:
            return None
        tenant = min(able)[1]
        leaf = min((tag, leaf) for leaf, tag in self.tenants[tenant].starts.items())[1]
        return self.lanes[tenant, leaf][0]

    def take(self, one: Waiting) -> None:
        node = self.tenants[one.tenant]
        node.serve(leaf_of(one), self._leaf_cost(one, one.tokens), waits_on=self._out_of_lane(one))
        self.root.serve(one.tenant, self._tenant_cost(one, one.tokens), waits_on=bool(node.starts))

    def settle(self, one: Waiting, used_tokens: int) -> None:
        node = self.tenants.setdefault(one.tenant, FairNode())
        node.correct(leaf_of(one), self._leaf_cost(one, used_tokens) - self._leaf_cost(one, one.tokens))
        self.root.correct(one.tenant, self._tenant_cost(one, used_tokens) - self._tenant_cost(one, one.tokens))

    def unbar(self, tenant: str) -> None:
        if tenant in self.root.starts:
            self.root.catch_up(tenant)

    def _out_of_lane(self, one: Waiting) -> bool:
        """Take ``one`` out; whether others wait on in its lane."""
        del self.waiting[one.ticket]
        lane = self.lanes[one.tenant, leaf_of(one)]
        lane.remove(one)
        return bool(lane)

    def _tenant_cost(self, one: Waiting, tokens: int) -> int:
        return tokens * SCALE // self.weights.of_tenant(one.tenant)

    def _leaf_cost(self, one: Waiting, tokens: int) -> int:
        return tokens * SCALE // self.weights.of_leaf(one.tenant, one.unit, one.priority)
