"""A computation as text: JSON with exact figures for programs, a table for people."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.arithmetic import round_half_away
from valuefabric.domain.model.comparison import Compared
from valuefabric.domain.model.computation import Computation, ComputedRow
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.dump import content_hash
from valuefabric.domain.model.fiscal import by_fiscal_year


def as_json(document: ModelDocument, computation: Computation, compared: Sequence[Compared]) -> str:
    """Every row, driver and measure; figures are JSON numbers with all their digits."""
    return _json(as_data(document, computation, compared))


def as_data(document: ModelDocument, computation: Computation, compared: Sequence[Compared]) -> dict[str, Any]:
    """The same as plain data with exact decimals."""
    measures = computation.measures
    return {
        "id": document.id,
        "title": document.title,
        "content_hash": content_hash(document),
        "currency": document.currency,
        "scenario": computation.scenario,
        "conventions": document.conventions.model_dump(),
        "periods": list(computation.periods),
        "rows": {key: _row(document, row) | _counted(computation, key) for key, row in computation.rows.items()},
        "drivers": {
            driver.key: {
                "label": driver.label,
                "impact": driver.impact,
                "counted": driver.counted,
                "measured": driver.measured,
                "values": list(driver.values),
                "total": driver.total,
                "pv": driver.pv,
            }
            for driver in computation.drivers
        },
        "benefits": list(computation.benefits),
        "costs": list(computation.costs),
        "net": list(computation.net),
        **_fiscal_years(document, computation),
        "measures": {name: getattr(measures, name) for name in measures.__dataclass_fields__},
        "published": {
            "compared": len(compared),
            "agree": all(figure.agrees for figure in compared),
            "off": [{"name": f.name, "expected": f.expected, "computed": f.computed} for f in compared if not f.agrees],
        },
    }


def _row(document: ModelDocument, row: ComputedRow) -> dict[str, Any]:
    formula = next((one.formula for one in document.rows if one.key == row.key), None)
    return {"label": row.label, "unit": row.unit, "formula": formula, "values": row.values, "displayed": row.displayed}


def _fiscal_years(document: ModelDocument, computation: Computation) -> dict[str, Any]:
    """The flows by fiscal year, of a model with dates."""
    if not document.dates:
        return {}
    years = by_fiscal_year(document, computation)
    return {"fiscal_years": [{name: getattr(year, name) for name in year.__dataclass_fields__} for year in years]}


def _counted(computation: Computation, key: str) -> dict[str, Any]:
    """What of the row counts, where that is not all of it."""
    return {"counted": computation.counted[key]} if key in computation.counted else {}


def _json(value: Any, indent: str = "") -> str:
    """JSON with decimals as numbers: the standard writer would make binary floats of them."""
    inner = indent + "  "
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping) and value:
        entries = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_json(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping) for item in value):
            return "[\n" + ",\n".join(inner + _json(item, inner) for item in value) + f"\n{indent}]"
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def as_table(document: ModelDocument, computation: Computation, compared: Sequence[Compared]) -> str:
    """Rows by period, what counts of those that overlap, drivers, measures and the comparison, in columns."""
    head = ["row", "label", "unit", *(document.label_of(period) for period in computation.periods)]
    rows = [
        [row.key, _short(row.label), row.unit, *(_figure(v, row.unit) for v in row.displayed)]
        for row in computation.rows.values()
    ]
    drivers = [[d.key, "" if d.counted else "not counted", _money(d.total), _money(d.pv)] for d in computation.drivers]
    parts = [f"{document.title}\n{document.currency}, scenario {computation.scenario}", _columns([head, *rows], left=3)]
    if computation.counted:
        counted = [[key, *map(_money, values)] for key, values in computation.counted.items()]
        parts.append(_columns([["what counts of", *head[3:]], *counted], left=1))
    if drivers:
        parts.append(_columns([["driver", "", "total", "present value"], *drivers], left=2))
    parts.append(_columns(_measures(computation), left=1))
    if compared:
        parts.append("\n".join(_comparison(compared)))
    return "\n\n".join(parts)


def _measures(computation: Computation) -> list[list[str]]:
    measures = computation.measures
    return [
        ["total benefits", _money(measures.total_benefits)],
        ["total costs", _money(measures.total_costs)],
        ["present value of benefits", _money(measures.pv_benefits)],
        ["present value of costs", _money(measures.pv_costs)],
        ["net present value", _money(measures.npv)],
        ["return on investment", _percent(measures.roi_pct)],
        ["internal rate of return", _percent(measures.irr and measures.irr * 100)],
        ["payback", measures.payback_text],
        ["cumulative discounted", "  ".join(_money(value) for value in measures.cumulative_discounted)],
    ]


def _comparison(compared: Sequence[Compared]) -> list[str]:
    agreeing = sum(figure.agrees for figure in compared)
    lines = [f"{agreeing} of {len(compared)} published figures agree to the printed digit"]
    return lines + [f"  OFF {f.name}: published {f.expected}, computed {f.computed}" for f in compared if not f.agrees]


def _figure(value: Decimal, unit: str) -> str:
    if unit == "percent":
        return _percent(value * 100)
    return f"{round_half_away(value, 2):,f}".removesuffix(".00")


def _money(value: Decimal) -> str:
    return f"{round_half_away(value, 0):,f}"


def _percent(value: Decimal | None) -> str:
    return "none" if value is None else f"{round_half_away(value, 1):,f} %"


def _short(label: str) -> str:
    return label if len(label) <= 48 else label[:47] + "…"


def _columns(table: list[list[str]], *, left: int) -> str:
    """Aligned columns, the first ``left`` to the left and the figures to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:<{w}}" if i < left else f"{cell:>{w}}" for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    )
