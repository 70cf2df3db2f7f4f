"""Giving a value tree back what one writer changed in it: the nodes' former contents, as new versions, with their history."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Capability, Customer, FinancialImpact, Kpi, Objective, Outcome
from valuefabric.models.value_tree import TreeNode
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import TreeRecorded

_TABLES: tuple[type[TreeNode], ...] = (Objective, Capability, Outcome, Kpi, FinancialImpact)
_OWN = frozenset({"id", "public_id", "customer_id", "key", "version", "created_at", "updated_at"})


def value_tree_revert(*, customer: Customer, writer: str, since: datetime, actor: Actor, process: str = "") -> int:
    """Bring the nodes that ``writer`` changed since then back to what they were before; returns how many there were.

    Nodes that it made are withdrawn. What somebody has changed after it is theirs and stays. Raises PermissionDenied.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        former = [(row, before) for row in _nodes(customer) for before in _before(row, writer, since)]
        # First out, then in: a driver is counted by one node only.
        former.sort(key=lambda pair: pair[1] is not None and pair[1].withdrawn_at is None)
        for row, before in former:
            _give_back(row, before, actor)
        withdrawn = sum(row.withdrawn_at is not None for row, _before in former)
        if former:
            payload = TreeRecorded(customer=str(customer.public_id), made=0, changed=len(former) - withdrawn, withdrawn=withdrawn)
            record(topic="value.tree.recorded", row=customer, payload=payload, actor=actor, process=process)
    return len(former)


def _nodes(customer: Customer) -> list[TreeNode]:
    tables: list[Any] = list(_TABLES)
    return [row for table in tables for row in table.objects.filter(customer=customer).order_by("pk")]


def _before(row: TreeNode, writer: str, since: datetime) -> list[Any]:
    """The one record of what the node was before ``writer`` came (None: it was not there), if the writer was the last to come."""
    history: Any = row.history
    records = list(history.order_by("-history_date", "-history_id")[:50])
    its = [entry for entry in records if entry.history_user == writer and entry.history_date >= since]
    if not its or records[: len(its)] != its:
        return []
    return [records[len(its)] if len(records) > len(its) else None]


def _give_back(row: TreeNode, before: Any, actor: Actor) -> None:
    if before is None:
        row.withdrawn_at = row.withdrawn_at or timezone.now()
    else:
        for field in row._meta.concrete_fields:
            if field.attname not in _OWN:
                setattr(row, field.attname, getattr(before, field.attname))
    row.version += 1
    row_save(row, actor=actor, reason="The run that changed it was rolled back.")
