"""The words by which a sheet says what a line is: money in or out, a total, a rate, an end of a range."""

import re
from typing import Literal

type Side = Literal["benefit", "cost"]

BENEFIT = re.compile(
    r"\b(benefits?|savings?|saved|gains?|uplift|avoid(?:ed|ance)|recovered|recapture[d]?|incremental (?:revenue|profit|margin)|"
    r"value (?:created|delivered|realized)|productivity)\b"
)
COST = re.compile(
    r"\b(costs?|investments?|expenses?|fees?|licen[cs]es?|licen[cs]ing|subscriptions?|implementation|onboarding|training|price|"
    r"spend|outlay|capex|opex|maintenance)\b"
)
AVOIDED = re.compile(r"\b(savings?|saved|avoid(?:ed|ance)|reduction|reduced|retired|retirement|eliminated|lower)\b")
TOTAL = re.compile(r"\b(total|totals|subtotal|sub-total|sum|gross|all)\b")
NET = re.compile(
    r"\b(net|cash ?flows?|cumulative|running|present value|pv|npv|discounted|discount factor|roi|irr|mirr|payback|return)\b"
)
DISCOUNT_RATE = re.compile(r"\b(discount(?:ing)? rate|wacc|cost of capital|hurdle rate)\b|^discount$")
REVENUE_IMPACT = re.compile(
    r"\b(revenue|sales|upsell|cross-sell|churn|retention|win rate|conversion|margin|pricing|growth|retained)\b"
)
RISK_IMPACT = re.compile(r"\b(risk|breach|fines?|penalt(?:y|ies)|compliance|outages?|downtime|fraud|audit|incidents?)\b")
UNIT_HEADING = re.compile(r"units?(?: of measure)?|uom|measure|metric unit")
NOTE_HEADING = re.compile(
    r"notes?|comments?|sources?|source / notes?|rationale|references?|basis|remarks?|justification|evidence"
)
MONEY_NAME = re.compile(
    r"\b(costs?|prices?|wages?|salar(?:y|ies)|fees?|revenues?|spend|hourly|savings?|benefits?|expenses?|income|profits?|budget|acv|"
    r"deal (?:size|value)|investment|payroll|licen[cs]e fees?|subscription)\b"
)
_ENDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("low", re.compile(r"low|conservative|pessimistic|worst(?: case)?|minimum|min|downside|low case|conservative case")),
    (
        "base",
        re.compile(r"base|base case|expected|likely|most likely|value|mid|medium|realistic|used|input|expected case|current"),
    ),
    ("high", re.compile(r"high|best(?: case)?|optimistic|maximum|max|upside|high case|aggressive|stretch")),
)
MEASURES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("npv", re.compile(r"\b(npv|net present value)\b")),
    ("irr", re.compile(r"\b(irr|internal rate of return)\b")),
    ("roi_pct", re.compile(r"\b(roi|return on investment)\b")),
    ("payback_months", re.compile(r"\bpayback\b")),
)


def range_end(heading: str) -> str:
    """``low``, ``base`` or ``high`` for a column's heading that says so; else empty."""
    plain = heading.lower().strip(" .:*")
    return next((end for end, pattern in _ENDS if pattern.fullmatch(plain)), "")


def side_of(text: str) -> Side | None:
    """Whether words speak of a benefit or of a cost. "Cost savings" is a benefit."""
    plain = text.lower()
    if COST.search(plain) and not (BENEFIT.search(plain) or AVOIDED.search(plain)):
        return "cost"
    return "benefit" if BENEFIT.search(plain) or AVOIDED.search(plain) else None


def impact_of(text: str) -> Literal["revenue", "cost", "risk"]:
    """What a benefit moves, by its words; costs where nothing speaks of revenue or risk."""
    plain = text.lower()
    if RISK_IMPACT.search(plain):
        return "risk"
    return "revenue" if REVENUE_IMPACT.search(plain) else "cost"


def measure_of(label: str) -> str:
    """The measure of ours that a result's label names; empty for none."""
    plain = label.lower()
    return next((name for name, pattern in MEASURES if pattern.search(plain)), "")
