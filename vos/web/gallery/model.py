"""Example context: the sheet, integrity, the drawer."""

from decimal import Decimal
from typing import Any

from vos.web.charts import Swing, seal, spark, tornado
from vos.web.gallery.frame import AT, Context, Example
from vos.web.gallery.numbers import NPV, PERIODS, RETENTION, REVENUE, SPENDING, amount, grown
from vos.web.gallery.sales import chart, figures
from vos.web.templatetags.figures import percent, quantity

_HASH = "sha256:4be1c0d8f6a977f0c2b5d1e83a90b66c1d2e47f5508a3e19c7bb20d1a4f6e912"
_OFFERED = tuple(map(Decimal, ("0.384", "0.767", "0.767")))


def _row(key: str, label: str, unit: str, values: tuple[Decimal, ...], kind: str = "computed", **more: Any) -> dict[str, Any]:
    cells = [
        {
            "id": f"{key}.{period}",
            "period": period,
            "name": f"{label}, {period}",
            "value": quantity(value, unit),
            "raw": str(value),
        }
        for period, value in zip(PERIODS, values, strict=True)
    ]
    total = quantity(sum(values), unit) if unit == "USD" and kind == "computed" else ""
    trend = spark(values, label=label)
    source = {"kind": kind, "label": {"computed": "computed"}.get(kind, "call_notes.md"), "url": "#"}
    return {
        "key": key,
        "label": label,
        "unit": "" if unit in {"USD", "percent"} else unit,
        "source": source,
        "is_input": kind != "computed",
        "cells": cells,
        "total": total,
        "spark": trend,
        **more,
    }


def _sheet(long: bool) -> dict[str, Any]:
    label = "Share of customers offered education" + (
        ", over every language and product line that is sold in the three regions" if long else ""
    )
    offered = _row("A2", label, "percent", _OFFERED, "evidence")
    offered["cells"][0]["old"] = percent(Decimal("0.350"), 1)
    retention = [
        _row("A1", "Annual revenue", "USD", grown(REVENUE, long=long), "evidence"),
        offered,
        _row("A3", "Utilization among customers offered", "percent", (Decimal("0.511"),) * 3, "evidence"),
        _row("A4", "Lift in retention among users", "percent", (Decimal("0.222"),) * 3, "benchmark"),
        _row(
            "A5",
            "Lift in retention overall",
            "percent",
            tuple(map(Decimal, ("0.044", "0.087", "0.087"))),
            words="share offered × utilization × lift, to 0.1 %",
            formula="A2 * A3 * A4",
        ),
        _row(
            "A6",
            "Revenue retained",
            "USD",
            grown(tuple(map(Decimal, (0, 44_000_000, 90_828_000))), long=long),
            words="(revenue + retained before) × last year's lift",
            formula="(A1 + previous(A6, 0)) * previous(A5, 0)",
        ),
        _row("A7", "Operating margin", "percent", (Decimal("0.12"),) * 3, "policy"),
        _row(
            "Atr",
            "Retention benefit, risk-adjusted",
            "USD",
            grown(RETENTION, long=long),
            words="revenue retained × margin, less 20 %",
            result=True,
        ),
    ]
    spending = [
        _row("B4", "Lift in spending among users", "percent", (Decimal("0.083"),) * 3, "evidence"),
        _row(
            "B5",
            "Additional revenue",
            "USD",
            grown(tuple(map(Decimal, (16_286_592, 33_962_125, 35_485_476))), long=long),
            words="revenue × share offered × utilization × lift",
        ),
        _row(
            "Btr",
            "Spending benefit, risk-adjusted",
            "USD",
            grown(SPENDING, long=long),
            words="additional revenue × margin, less 20 %",
            result=True,
        ),
    ]
    support = [_row("C1", "“How do I” tickets a year", "tickets", (Decimal(41_000),) * 3, "estimate")]
    return {
        "figures": figures(long),
        "editable": True,
        "columns": len(PERIODS) + 3,
        "periods": PERIODS,
        "note": "USD, rows rounded as the source rounds them",
        "scenarios": [
            {"key": key, "label": name, "url": "#", "current": key == "base"}
            for key, name in (("low", "Low"), ("base", "Base"), ("high", "High"))
        ],
        "groups": [
            {"label": "Retention", "impact": "revenue", "counted": True, "rows": retention},
            {"label": "Spending", "impact": "revenue", "counted": True, "rows": spending},
            {"label": "Support", "impact": "cost", "counted": False, "why_not": "nobody has measured it", "rows": support},
        ],
    }


def swings() -> Any:
    """How far the value moves with each assumption."""
    rows = [
        Swing("Lift in retention among users, 10 to 25 %", NPV - 5_400_000, NPV + 1_250_000),
        Swing("Share of customers offered, 30 to 80 %", NPV - 3_600_000, NPV + 700_000),
        Swing("Lift in spending among users, 3 to 10 %", NPV - 4_250_000, NPV + 1_360_000),
        Swing("Operating margin, 11 to 13 %", NPV - 1_390_000, NPV + 1_390_000),
    ]
    return tornado(swings=rows, base=NPV, title="The lift in retention decides more than anything else")


def _model(long: bool) -> Context:
    conventions = (
        ("Discount rate", "10 %, year end"),
        ("Initial period", "undiscounted"),
        ("Risk adjustment", "each benefit less 20 %, after its own rounding"),
        ("Payback", "months, even within a year"),
    )
    return {
        "sheet": _sheet(long),
        "chart": chart(long),
        "swings": swings(),
        "workbook_url": "#",
        "conventions": [{"label": label, "value": value} for label, value in conventions],
        "versions": [{"number": n, "label": f"Sam Okafor, {n} November", "url": "#", "current": n == 3} for n in (3, 2, 1)],
        "action": {"label": "Check integrity", "url": "#", "icon": "shield-check"},
    }


def stamp(*, passed: bool = True) -> dict[str, Any]:
    """An example stamp."""
    word = "Passed" if passed else "Quarantined"
    return {
        "seal": seal(outer="VOS integrity · rule set 1.1.0 · ", middle=word.upper(), lower="20 NOV 2026", passed=passed),
        "passed": passed,
        "title": "Integrity passed, version 3" if passed else "Quarantined: one rule failed",
        "content_hash": _HASH,
        "rule_set": "Manifesto 1.1.0",
        "rule_set_hash": "sha256:77aa10e4c2d3b1",
        "signed_at": AT if passed else None,
        "key_id": "ed25519:3f9a",
        "verify_url": "#",
    }


_RULES = (
    "Outcome over feature",
    "One value language",
    "Standard structure",
    "Conservative and evidenced",
    "A lifecycle stage",
    "Owner and stakeholders",
    "AI work is labelled",
    "A measurement plan per KPI",
    "Versioned and auditable",
    "Counted once",
    "Compounding shown",
    "Honest wording",
)


def _integrity(long: bool) -> Context:
    rules = [
        {
            "principle": n,
            "key": f"p{n}",
            "title": title,
            "status": "passed",
            "explanation": "Checked over 16 rows and 4 sections; nothing to say.",
        }
        for n, title in enumerate(_RULES, 1)
    ]
    rules[7] |= {
        "status": "warned",
        "explanation": "The KPI “lift in spending among users” names no source system yet.",
        "cells": [{"label": "B4 Lift in spending among users", "url": "#", "value": percent(Decimal("0.083"), 1)}],
    }
    if long:
        rules[11] |= {
            "status": "failed",
            "explanation": "The narrative promises a return that no row supports. Promises must match numbers, and hype words may not stand in a case.",
            "cells": [{"label": "Section “Summary”, sentence 4", "url": "#"}],
            "mend": {
                "text": "Replace the sentence by what the model computes:",
                "apply": {"url": "#", "review": "", "number": 0},
                "changes": [
                    {
                        "where": "Summary",
                        "old": "The platform will guarantee at least a 5x return.",
                        "new": "In the base case the value is $15.7 million over three years; in the low case it is $4.1 million.",
                    }
                ],
            },
        }
    failed = sum(rule["status"] == "failed" for rule in rules)
    return {
        "stamp": stamp(passed=not failed),
        "principles": [_principle(rule) for rule in rules],
        "counts": {"passed": 11 - failed, "warned": 1, "failed": failed},
        "reviewed_at": AT,
        "content_hash": _HASH,
        "action": {"label": "Review again", "url": "#", "icon": "refresh-cw"},
    }


def _principle(rule: dict[str, Any]) -> dict[str, Any]:
    """A principle with its one rule."""
    is_open = rule["status"] != "passed"
    told = {"rules": [rule], "held": []} if is_open else {"rules": [], "held": [rule["explanation"]]}
    return {"number": rule["principle"], "title": rule["title"], "status": rule["status"], "open": is_open, **told}


def _source(long: bool) -> Context:
    return {
        "source": {
            "title": "Lift in retention among users, year 2",
            "value": percent(Decimal("0.222"), 1),
            "kind": "evidence",
            "kind_label": "Quoted evidence",
            "confidence": "medium",
            "before": "Among customers who took courses in the pilot, ",
            "quotation": "retention was 22.2% better than in the matched group without",
            "after": ". The success team calls this “encouraging, not proven”: one cohort, nine months.",
            "document": "call_notes.md",
            "document_url": "#",
            "locator": "line 13",
            "who": "Sam Okafor",
            "at": AT,
            "note": "Range 10 to 25 %, from drivers.csv",
            "inputs": [{"label": "Annual revenue", "value": amount(REVENUE[0], long=long), "url": "#"}],
            "dependents": [
                {"label": "Lift in retention overall", "url": "#"},
                {"label": "Retention benefit, risk-adjusted", "url": "#"},
                {"label": "Business case, version 3", "url": "#"},
            ],
            "history": [{"what": "entered as 22.2 %", "who": "Opportunity agent", "at": AT}],
        }
    }


MODEL: dict[str, tuple[str, Example, str]] = {
    "model": ("vos/model.html", _model, "customers"),
    "integrity": ("vos/integrity.html", _integrity, "customers"),
    "source": ("vos/source.html", _source, "customers"),
}
