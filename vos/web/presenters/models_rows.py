"""A row as the sheet's script knows it: its formula, range and source, in words that a person could have typed."""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.selectors.model_table import source_kind
from vos.web.presenters.amounts import plain_span, typed

type Context = dict[str, Any]

_KINDS = {
    "evidence": "quoted evidence",
    "benchmark": "benchmark",
    "published": "published figure",
    "convention": "convention",
    "policy": "policy",
    "estimate": "estimate",
    "computed": "computed",
    "none": "no source yet",
}


def kind_label(kind: str) -> str:
    """A source's kind in words."""
    return _(_KINDS.get(kind, kind))


def row_entry(row: Row) -> Context:
    """What the formula bar and the strip under it show of a row."""
    kind = source_kind(row)
    return {
        "label": row.label,
        "unit": row.unit,
        "driver": row.driver or "",
        "formula": row.formula or "",
        "low": _typed(row.low, row.unit),
        "high": _typed(row.high, row.unit),
        "confidence": row.confidence or "",
        "source": row.source.reference if row.source else "",
        "kind": kind,
        "kind_label": kind_label(kind),
        "note": row.note,
    }


def written(row: Row, index: int, value: Decimal) -> Decimal:
    """What is written in the row for a period, and edited there: phases, growth and shares make another ``value`` of it."""
    return row.values[index] if row.values else value


def beneath(row: Row, index: int, value: Decimal) -> str:
    """What stands under a cell's figure: the figure as it is written where something makes another one of it, and its range."""
    span = plain_span(row.low[index], row.high[index], row.unit) if row.low and row.high else ""
    own = written(row, index, value)
    if own == value or not row.values:
        return span
    told = _("of %(written)s") % {"written": typed(own, row.unit)}
    return f"{told} ({span})" if span else told


def shape_of(document: ModelDocument) -> str:
    """A short mark of what a sheet's markup shows beside figures and formulas: when it differs, the sheet is drawn anew."""
    rows = [
        (
            row.key,
            row.label,
            row.unit,
            row.driver,
            row.role,
            row.formula is None,
            row.low is not None,
            row.confidence,
            source_kind(row),
        )
        for row in document.rows
    ]
    drivers = [(one.key, one.label, one.impact, one.counted, one.note) for one in document.drivers]
    text = json.dumps([rows, drivers, document.periods, sorted(document.period_labels.items())])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _typed(figures: Sequence[Decimal] | None, unit: str) -> list[str]:
    return [typed(figure, unit) for figure in figures] if figures else []
