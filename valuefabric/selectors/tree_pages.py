"""The value tree as a picture needs it: nodes inside nodes, each with what it is worth."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from valuefabric.models import Capability, Customer, FinancialImpact, Kpi, ModelVersion, Objective, Outcome
from valuefabric.models.value_tree import TreeNode
from valuefabric.selectors.overview import Standing, standings

# Table, and its foreign key to the level before.
_LEVELS: tuple[tuple[type[TreeNode], str], ...] = (
    (Objective, ""),
    (Capability, "objective_id"),
    (Outcome, "capability_id"),
    (Kpi, "outcome_id"),
    (FinancialImpact, "kpi_id"),
)


@dataclass(frozen=True)
class TreeNodeView:
    """A node with its children. ``value`` is the present value of the counted impacts below it (None where none is known);
    ``cell`` names the figure of an impact."""

    kind: str
    node: TreeNode
    children: tuple["TreeNodeView", ...]
    impact: str
    counted: bool
    value: Decimal | None
    cell: str


@dataclass(frozen=True)
class ValueTree:
    """A customer's tree; ``total`` is the sum over counted impacts, in ``currency``."""

    currency: str
    objectives: tuple[TreeNodeView, ...]
    total: Decimal


def kpi_titles(customer: Customer) -> Mapping[str, str]:
    """What the customer's KPIs are called, by their keys."""
    return dict(customer.kpis.filter(withdrawn_at=None).values_list("key", "title"))


def value_tree(customer: Customer) -> ValueTree:
    """The tree of what stands, worth what the newest case's model says, or else the newest model.

    As many queries for a large tree as for a small one.
    """
    standing = standings([customer])[0]
    worth = _worth(standing)
    below: dict[tuple[type[TreeNode], int], list[TreeNode]] = defaultdict(list)
    for table, parent in _LEVELS:
        rows: Any = table._default_manager
        for row in rows.filter(customer=customer, withdrawn_at=None).select_related("owner").order_by("id"):
            below[table, getattr(row, parent) if parent else 0].append(row)
    objectives = _views(0, 0, below, worth)
    return ValueTree(customer.currency, objectives, _sum(view.value for view in objectives) or Decimal(0))


def _worth(standing: Standing) -> Mapping[str, Decimal]:
    """Present value by driver, for drivers that somebody has measured: as the case says, or before it the newest model."""
    if standing.case is not None:
        version: ModelVersion | None = standing.case.model_version
    else:
        rows = ModelVersion.objects.filter(model__customer=standing.customer, model__withdrawn_at=None)
        version = rows.filter(branch=None).order_by("-id").first()
    drivers = version.measures["drivers"] if version else []
    return {driver["key"]: Decimal(driver["pv"]) for driver in drivers if driver["measured"]}


def _views(
    level: int, parent: int, below: Mapping[tuple[type[TreeNode], int], list[TreeNode]], worth: Mapping[str, Decimal]
) -> tuple[TreeNodeView, ...]:
    table, _field = _LEVELS[level]
    return tuple(_view(node, level, below, worth) for node in below.get((table, parent), []))


def _view(
    node: TreeNode, level: int, below: Mapping[tuple[type[TreeNode], int], list[TreeNode]], worth: Mapping[str, Decimal]
) -> TreeNodeView:
    if isinstance(node, FinancialImpact):
        value = worth.get(node.driver_key) if node.counted else None
        return TreeNodeView(node.kind_word, node, (), node.impact, node.counted, value, f"driver.{node.driver_key}.pv")
    children = _views(level + 1, node.pk, below, worth)
    largest = max(children, key=lambda child: child.value or Decimal(-1), default=None)
    return TreeNodeView(
        kind=node.kind_word,
        node=node,
        children=children,
        impact=largest.impact if largest else "",
        counted=any(child.counted for child in children),
        value=_sum(child.value for child in children),
        cell="",
    )


def _sum(values: Any) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
