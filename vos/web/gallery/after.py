"""Example context: realization, expansion, insights."""

from decimal import Decimal
from typing import Any

from vos.web.charts import bullet, committed_and_actual
from vos.web.gallery.frame import AT, Context, Example
from vos.web.gallery.numbers import PERIODS, amount
from vos.web.gallery.sales import chart, figures
from vos.web.templatetags.figures import money, percent

_MONTHS = tuple(
    f"{month} {year}"
    for year in (27, 28)
    for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
)[:18]


def _lines(long: bool) -> Any:
    factor = 910 if long else 1
    committed = [Decimal(130_293 * month * factor) + Decimal(max(0, month - 12) * 352_000 * factor) for month in range(1, 19)]
    actual = [
        value * Decimal(share) / 100
        for value, share in zip(committed, (40, 43, 46, 49, 50, 52, 54, 56, 59, 61, 63, 65, 64, 66, 68, 69, 70, 71), strict=True)
    ]
    return committed_and_actual(
        periods=_MONTHS, committed=committed, actual=actual, title="After 18 months, 71 % of what was promised has come"
    )


def _driver(label: str, impact: Any, actual: int, committed: int, sentence: str) -> dict[str, Any]:
    kpis = [
        {
            "label": "Share of customers offered",
            "actual": percent(Decimal("0.60"), 1),
            "committed": percent(Decimal("0.767"), 1),
            "share": Decimal("0.78"),
        },
        {
            "label": "Utilization",
            "actual": percent(Decimal("0.469"), 1),
            "committed": percent(Decimal("0.511"), 1),
            "share": Decimal("0.92"),
        },
    ]
    picture = bullet(
        actual=Decimal(actual), committed=Decimal(committed), impact=impact, label=label, low=Decimal(committed) * Decimal("0.4")
    )
    return {
        "label": label,
        "impact": impact,
        "actual": money(actual),
        "committed": money(committed),
        "attainment": Decimal(actual) / committed,
        "bullet": picture,
        "sentence": sentence,
        "url": "#",
        "kpis": kpis,
    }


def _realization(long: bool) -> Context:
    return {
        "figures": figures(long),
        "chart": _lines(long),
        "as_of": AT,
        "synthetic": True,
        "report_url": "#",
        "sentences": [
            "By June 2028, $3.3 million of the $4.5 million committed to date have come: 71 %.",
            "The largest part of the gap is the share of customers offered courses: 60.0 % against 76.7 % committed.",
        ],
        "drivers": [
            _driver(
                "Retention",
                "revenue",
                1_920_000,
                2_815_000,
                "Retention stands at 68 %: fewer customers were offered courses than planned, and a slightly smaller share took one.",
            ),
            _driver(
                "Spending", "revenue", 1_330_000, 1_640_000, "Spending stands at 81 %, and grows faster than planned since March."
            ),
        ],
        "renewal": {
            "level": "medium",
            "reasons": [
                "Attainment to date is 71 %, below 80 %.",
                "It has risen in each of the last six months.",
                "Utilization is 92 % of plan.",
            ],
        },
        "actions": [
            {
                "text": "Open the remaining product line to customers",
                "why": "closes 60 % of the gap",
                "url": "#",
                "label": "Plan it",
            }
        ],
        "action": {"label": "Proof report", "url": "#", "icon": "file-text"},
    }


def _expansion(long: bool) -> Context:
    gap = {
        "label": "Utilization",
        "ours": percent(Decimal("0.469"), 1),
        "theirs": percent(Decimal("0.58"), 1),
        "source": "Pack benchmark, customer education 1.0.0",
        "url": "#",
    }
    proposal = {
        "title": "Certify partners with the same academy",
        "impact": "revenue",
        "sentence": "Utilization lies 11 points under the pack's benchmark; at the benchmark the same drivers bring $2.1 million more a year.",
        "low": amount(Decimal(900_000), long=long),
        "base": amount(Decimal(2_104_000), long=long),
        "high": amount(Decimal(3_300_000), long=long),
        "gap": gap,
        "reasons": ["Retention is proven at 68 % and rising.", "The capability exists; only reach is missing."],
        "start": {"url": "#", "label": "Make it an opportunity"},
    }
    return {"proposals": [proposal, {**proposal, "title": "Count support after all", "impact": "cost", "gap": None}]}


def _insights(long: bool) -> Context:
    learned = [
        {
            "driver": "Retention",
            "impact": "revenue",
            "cases": 4,
            "promised": money(18_200_000),
            "realized": money(12_900_000),
            "share": Decimal("0.71"),
        },
        {
            "driver": "Tickets avoided",
            "impact": "cost",
            "cases": 2,
            "promised": money(900_000),
            "realized": money(1_010_000),
            "share": Decimal("1.12"),
        },
    ]
    return {
        "figures": figures(long),
        "charts": [_lines(long), chart(long)],
        "learned": learned,
        "customers_at_risk": [
            {
                "name": "Nordlicht Versicherung AG",
                "url": "#",
                "level": "high",
                "reason": "Attainment 38 %, falling for three months",
            }
        ],
        "periods": PERIODS,
    }


AFTER: dict[str, tuple[str, Example, str]] = {
    "realization": ("vos/realization.html", _realization, "customers"),
    "expansion": ("vos/expansion.html", _expansion, "customers"),
    "insights": ("vos/insights.html", _insights, "insights"),
}
