"""What stands in the way of calling the model careful: which rule, which row, by how much, and what would mend it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.gate import Finding
from valuefabric.models import Customer
from vos.web.presenters.amounts import plain
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]

_RULES = {
    "base_above_middle": "Above the middle of the evidence",
    "best_case": "Counts its best case",
    "risk_adjustment": "Not adjusted for risk",
    "phase_in": "All at once",
    "unsourced_attribution": "A share without a source",
    "unsourced_probability": "A share without a source",
    "rests_on_one": "Rests on one uncertain assumption",
}
_FINEST = Decimal("0.0001")


def gate_entries(findings: Iterable[Finding], document: ModelDocument, customer: Customer, version: object) -> list[Context]:
    """Each finding with its row, which opens its source."""
    rows = {row.key: row for row in document.rows}
    return [
        {
            "rule": _(_RULES.get(one.rule, one.rule.replace("_", " "))),
            "row": rows[one.row].label if one.row in rows else "",
            "period": document.label_of(one.period) if one.period else "",
            "url": source_url(customer, f"{one.row}.{one.period}" if one.period else one.row, version) if one.row in rows else "",
            "found": _told(one.found, one.unit),
            "allowed": _told(one.allowed, one.unit),
            "by": _told(one.by, one.unit),
            "write": one.write,
        }
        for one in findings
    ]


def _told(value: Decimal, unit: str) -> str:
    return plain(value.quantize(_FINEST).normalize() + 0, unit)
