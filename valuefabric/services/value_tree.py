"""Recording a customer's value tree: nodes are found again by key, changed ones get a new version, missing ones are withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Capability, Customer, FinancialImpact, Kpi, Objective, Outcome
from valuefabric.models.value_tree import TreeNode
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import TreeRecorded

_KEY = r"^[a-zA-Z0-9_-]{1,80}$"


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=_KEY)
    title: str = Field(min_length=1, max_length=300)
    description: str = ""


class ImpactDraft(_Node):
    """What a KPI is worth, through a driver and a row of the model."""

    impact: Literal["revenue", "cost", "risk"]
    driver_key: str
    model_row: str = ""
    counted: bool = True


class KpiDraft(_Node):
    """A KPI with its plan of measurement; ``baseline`` and ``target`` in its spoken unit."""

    unit: str
    formula: str = ""
    model_row: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    source_system: str = ""
    cadence: str = ""
    measured_by: str = ""
    impacts: tuple[ImpactDraft, ...] = ()


class OutcomeDraft(_Node):
    """What will be different."""

    kpis: tuple[KpiDraft, ...] = ()


class CapabilityDraft(_Node):
    """What the customer will be able to do."""

    outcomes: tuple[OutcomeDraft, ...] = ()


class ObjectiveDraft(_Node):
    """What the customer wants to reach."""

    capabilities: tuple[CapabilityDraft, ...] = ()


class ValueTreeDraft(BaseModel):
    """A whole tree, and the compliance metadata of all its nodes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objectives: tuple[ObjectiveDraft, ...]
    data_classification: Literal["public", "internal", "confidential", "restricted"] = "confidential"
    ai_label: str = ""
    reviewed_by: str = ""


class TreeConflict(ValueError):
    """Two nodes of one kind have the same key; the message names it."""


@dataclass(frozen=True)
class TreeChange:
    """How many nodes were made, changed (with a new version) and withdrawn."""

    made: int = 0
    changed: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class _Placed:
    """A node of the draft with its table, its parent and the values of its columns."""

    table: type[TreeNode]
    draft: _Node
    parent: tuple[str, type[TreeNode], str] | None


# Table, its field for the parent, and the draft's field that holds the next level.
_LEVELS: tuple[tuple[type[TreeNode], str, str], ...] = (
    (Objective, "", "capabilities"),
    (Capability, "objective", "outcomes"),
    (Outcome, "capability", "kpis"),
    (Kpi, "outcome", "impacts"),
    (FinancialImpact, "kpi", ""),
)


def value_tree_record(*, customer: Customer, draft: ValueTreeDraft, actor: Actor, process: str = "") -> TreeChange:
    """Make the customer's tree what the draft says. The same draft again changes nothing.

    Raises PermissionDenied and TreeConflict.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    placed = list(_walk(draft.objectives, 0, None))
    _refuse_twins(placed)
    with transaction.atomic():
        # One writer of a customer's tree at a time; the nodes themselves may not exist yet.
        Customer.objects.select_for_update().get(pk=customer.pk)
        change = _apply(customer, placed, _compliance(draft), actor)
        if change != TreeChange():
            payload = TreeRecorded(
                customer=str(customer.public_id), made=change.made, changed=change.changed, withdrawn=change.withdrawn
            )
            record(topic="value.tree.recorded", row=customer, payload=payload, actor=actor, process=process)
    return change


def _walk(drafts: tuple[_Node, ...], level: int, parent: tuple[str, type[TreeNode], str] | None) -> Iterator[_Placed]:
    table, _parent_field, children = _LEVELS[level]
    for draft in drafts:
        yield _Placed(table, draft, parent)
        if children:
            yield from _walk(getattr(draft, children), level + 1, (_LEVELS[level + 1][1], table, draft.key))


def _refuse_twins(placed: list[_Placed]) -> None:
    seen: set[tuple[type[TreeNode], str]] = set()
    for node in placed:
        if (node.table, node.draft.key) in seen:
            raise TreeConflict(f"Two nodes of kind {node.table.kind_word} have the key {node.draft.key!r}; name them apart.")
        seen.add((node.table, node.draft.key))


def _compliance(draft: ValueTreeDraft) -> dict[str, Any]:
    return draft.model_dump(exclude={"objectives"})


def _apply(customer: Customer, placed: list[_Placed], compliance: dict[str, Any], actor: Actor) -> TreeChange:
    present = _present(customer)
    wanted = {(node.table, node.draft.key) for node in placed}
    # First out, then in: a driver may be counted by another node from now on, and by one only.
    withdrawn = sum(_withdraw(row, actor) for place, row in present.items() if place not in wanted)
    made = changed = 0
    for node in placed:
        values = _values(node, compliance, present)
        row = present.get((node.table, node.draft.key))
        if row is None:
            table: Any = node.table
            row = present[node.table, node.draft.key] = table(customer=customer, owner_id=customer.owner_id, **values)
            row_save(row, actor=actor)
            made += 1
        elif _update(row, values, actor):
            changed += 1
    return TreeChange(made, changed, withdrawn)


def _present(customer: Customer) -> dict[tuple[type[TreeNode], str], TreeNode]:
    found: dict[tuple[type[TreeNode], str], TreeNode] = {}
    for table, _parent, _children in _LEVELS:
        rows: Any = table._default_manager
        found |= {(table, row.key): row for row in rows.filter(customer=customer)}
    return found


def _values(node: _Placed, compliance: dict[str, Any], present: dict[tuple[type[TreeNode], str], TreeNode]) -> dict[str, Any]:
    children = {"capabilities", "outcomes", "kpis", "impacts"}
    values = {**node.draft.model_dump(exclude=children), **compliance, "withdrawn_at": None}
    if node.parent:
        field, table, key = node.parent
        values[f"{field}_id"] = present[table, key].pk
    return values


def _update(row: TreeNode, values: dict[str, Any], actor: Actor) -> bool:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return False
    for name in changed:
        setattr(row, name, values[name])
    row.version += 1
    row_save(row, actor=actor, reason=f"changed: {', '.join(changed)}")
    return True


def _withdraw(row: TreeNode, actor: Actor) -> bool:
    if row.withdrawn_at:
        return False
    row.withdrawn_at = timezone.now()
    row.version += 1
    row_save(row, actor=actor, reason="not in the tree any more", fields=["withdrawn_at", "version"])
    return True
