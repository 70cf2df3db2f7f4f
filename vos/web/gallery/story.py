"""Example context: the business case."""

from decimal import Decimal
from typing import Any

from vos.web.charts import Contribution, waterfall
from vos.web.gallery.frame import AT, Context, Example, customer_name
from vos.web.gallery.model import stamp, swings
from vos.web.gallery.numbers import NPV, PV_COSTS, PV_RETENTION, PV_SPENDING, amount
from vos.web.gallery.sales import chart
from vos.web.templatetags.figures import money, percent

_ASSUMPTIONS = (
    ("Share of customers offered, year 1", "0.384", "0.30", "0.80", "call notes", "high", 2),
    ("Utilization among customers offered", "0.511", "0.40", "0.60", "pilot", "medium", 3),
    ("Lift in retention among users", "0.222", "0.10", "0.25", "pilot", "medium", 1),
    ("Lift in spending among users", "0.083", "0.03", "0.10", "pilot", "medium", 4),
    ("Operating margin", "0.12", "0.11", "0.13", "finance", "high", 5),
)


def _assumption(label: str, base: str, low: str, high: str, source: str, confidence: str, note: int) -> dict[str, Any]:
    share = [Decimal(text) * 100 for text in (base, low, high)]
    return {
        "key": label,
        "name": label.lower().replace(" ", "_"),
        "label": label,
        "unit": "%",
        "value": percent(base, 1),
        "raw": f"{share[0]:.1f}",
        "low": f"{share[1]:.1f}",
        "high": f"{share[2]:.1f}",
        "step": "0.1",
        "range": f"{share[1]:.0f} – {share[2]:.0f} %",
        "source": source,
        "confidence": confidence,
        "note": note,
        "movable": True,
    }


def _fall(long: bool) -> Any:
    rows = [
        Contribution("Retention: trained customers stay", "revenue", PV_RETENTION),
        Contribution("Spending: they buy more", "revenue", PV_SPENDING),
        Contribution("Support: fewer tickets", "cost", Decimal(0), counted=False),
        Contribution("Subscription and staff", None, PV_COSTS),
    ]
    rows = [Contribution(r.label, r.impact, r.value * 91, r.counted) for r in rows] if long else rows
    return waterfall(
        contributions=rows,
        title="Customers who stay bring three fifths of the value",
        unit="USD, present value over three years, base case",
    )


def case(long: bool) -> dict[str, Any]:
    """The document."""
    quotes = (
        "retention was 22.2% better than in the matched group without",
        "They would open the academy in the first year to 38.4% of customers",
        "51.1% of the customers who were offered courses took at least one",
        "spending among trained customers was 8.3% higher over the period",
        "Operating margin is 12%",
    )
    notes = [{"number": n, "quotation": text, "source": "Call notes, 12 November 2026"} for n, text in enumerate(quotes, 1)]
    return {
        "customer": customer_name(long=long),
        "title": "What customer education is worth",
        "prepared_for": "the Chief Customer Officer",
        "prepared_by": "Acme Software",
        "date": AT,
        "version": 3,
        "state_label": "Example data",
        "answer": "Opening the academy to your customers is worth about $15.7 million over three years at your margin, and pays back within the first year.",
        "note": notes[0],
        "value": amount(NPV, long=long),
        "value_label": "Net present value, three years",
        "payback": "4 months",
        "confidence": "Medium",
        "confidence_words": "one cohort, nine months",
        "summary": [
            "Two effects are counted, both measured in your own pilot and both shown at your operating margin of 12 %, less a haircut of 20 % that your finance partner asked for.",
            {"text": "In the low case the value is $4.1 million, in the high case $19.6 million.", "note": notes[4]},
        ],
        "waterfall": _fall(long),
        "cashflow": chart(long),
        "swings": swings(),
        "drivers": [
            {
                "key": "retention",
                "label": "Customers who stay",
                "impact": "revenue",
                "sentence": "Among customers who took courses, retention was 22.2 % better than in the matched group. Contracts are annual, so the effect shows a year later.",
                "formula": "Revenue retained × operating margin × (1 − 20 %)",
                "note": notes[1],
            },
            {
                "key": "spending",
                "label": "Customers who buy more",
                "impact": "revenue",
                "sentence": "Spending among trained customers was 8.3 % higher in the same period.",
                "formula": "Revenue × share offered × utilization × lift × margin × (1 − 20 %)",
                "note": notes[3],
            },
        ],
        "assumptions": [_assumption(*row) for row in _ASSUMPTIONS],
        "recalculate_url": "#",
        "excluded": [
            {
                "label": "Support tickets",
                "why": "About 41,000 a year are “how do I” questions. Nobody has measured what courses take away from that, so nothing is counted.",
            }
        ],
        "uncertainties": [
            "The lift in retention comes from one cohort over nine months.",
            "The remaining languages are assumed to be translated before year two.",
        ],
        "measurement": [
            {
                "kpi": "Share of customers offered",
                "source_system": "learning platform",
                "cadence": "monthly",
                "owner": "VP Customer Success",
            },
            {
                "kpi": "Lift in retention among users",
                "source_system": "subscription billing",
                "cadence": "quarterly",
                "owner": "Finance",
            },
        ],
        "conventions": [{"label": "Discounting", "value": "10 % a year, flows at year end, the initial period undiscounted."}],
        "notes": notes,
        "approvals": [
            {"name": "Bob Lindqvist", "role": "Vice President, Customer Success", "at": AT},
            {"name": "Carol Weiss", "role": "Finance", "at": AT},
        ],
        "ai_labels": [
            {
                "part": "Narrative",
                "method": "written from the model's cells by a template",
                "agent": "target 1.0.0",
                "reviewed_by": "Sam Okafor",
            }
        ],
        "stamp": stamp(),
        "content_hash": stamp()["content_hash"],
    }


def _public(long: bool) -> Context:
    return {"case": case(long), "seller": "Acme Software", "expires_at": AT, "workbook_url": "#", "pdf_url": "#"}


def _workspace(long: bool) -> Context:
    share = {"url": "http://acme.localhost:8000/case/eyJjYXNlIjozfQ:1v2x:Qm9ndXM", "expires_at": AT}
    approvals = [{"title": "Version 3", "state": "approved", "url": "#"}]
    return {"case": case(long), "share": share, "approvals": approvals, "workbook_url": "#", "pdf_url": "#", "base": money(NPV)}


STORY: dict[str, tuple[str, Example, str]] = {
    "case": ("vos/case.html", _public, "customers"),
    "case_workspace": ("vos/case_workspace.html", _workspace, "customers"),
}
