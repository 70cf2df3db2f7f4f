"""The written forms of units, and the grammar of a number with its unit."""

import re

from valuefabric.domain.discovery.numbers import DIGITS, SCALE, WORD

CURRENCY_SIGNS = {"$": "USD", "US$": "USD", "C$": "CAD", "A$": "AUD", "€": "EUR", "£": "GBP", "¥": "JPY"}
CURRENCY_CODES = ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "INR", "BRL", "SGD", "CNY")
CURRENCIES = frozenset(CURRENCY_CODES)
CURRENCY_WORDS = {
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP",
    "franc": "CHF", "francs": "CHF", "yen": "JPY",
}  # fmt: skip
UNIT_WORDS = {
    "%": "percent", "percent": "percent", "per cent": "percent", "pct": "percent",
    "percentage points": "points", "percentage point": "points", "points": "points", "pp": "points",
    "basis points": "basis_points", "basis point": "basis_points", "bps": "basis_points", "bp": "basis_points",
    "x": "multiple", "×": "multiple", "times": "multiple", "fold": "multiple",
}  # fmt: skip
TIME_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
DURATIONS = frozenset(f"{unit}s" for unit in TIME_UNITS)

_CODES = "|".join(CURRENCY_CODES)
_TIMES = "|".join(TIME_UNITS)
_SIGN = r"(?P<minus>(?<![\w%)-])[-\u2212]|\bminus )?"
_BEFORE = rf"(?:(?P<sign>(?:US|C|A)?\$|[€£¥])|\b(?P<code>{_CODES})) ?"
_NUMBER = rf"(?P<number>(?<![\w.,])(?:{DIGITS})|\b{WORD}\b)(?:[ -]?(?P<scale>{SCALE}))?"
_AFTER = (
    r"(?P<unit>[ -]?(?:%|percentage points?|percent|per cent|pct|pp\b|basis points?|bps?\b|points\b)"
    r"|[ -]?[x×](?!\w)|[- ](?:fold|times)\b)"
    r"|[ ](?P<money>dollars?|euros?|pounds?|francs?|yen)\b"
    rf"|[ ]?(?P<code_after>{_CODES}|€|£)(?!\w)"
    rf"|[ -](?P<time>(?:{_TIMES})s?)\b"
    # Looked at, not taken: the words after a number may hold the next number.
    r"|(?=[ ](?P<noun>[a-z][a-z]+(?:[ -][a-z]+){0,2}))"
)
QUANTITY = re.compile(rf"{_SIGN}(?:{_BEFORE})?{_NUMBER}(?:{_AFTER})?", re.IGNORECASE)
RATE = re.compile(
    r",? (?:an?|per|each|every) (second|minute|hour|day|week|month|quarter|year)\b|/(day|week|month|quarter"
    r"|year)\b| per ([a-z]+)\b"
)
RANGE_GAP = re.compile(r"\s?%?\s?(?:-|–|—|to|and)\s?(?:(?:US|C|A)?\$|[€£¥]|[A-Z]{3} )?")

# Words that follow a number without being what is counted.
NOT_COUNTED = frozenset(
    [
        "and",
        "or",
        "of",
        "in",
        "on",
        "at",
        "to",
        "the",
        "a",
        "an",
        "is",
        "are",
        "was",
        "were",
        "will",
        "would",
        "then",
        "than",
        "by",
        "for",
        "from",
        "with",
        "as",
        "per",
        "each",
        "who",
        "that",
        "which",
        "on",
        "off",
        "but",
        "not",
        "if",
        "when",
        "into",
        "over",
        "about",
        "more",
        "less",
        "higher",
        "lower",
        "better",
        "worse",
        "least",
        "most",
        "both",
        "only",
        "other",
        "another",
    ]
)
# Numbers that name something instead of measuring it: "year two", "OPP-1042", "2026-12-31", "10:30".
LABEL_BEFORE = re.compile(
    r"(?:\b(?:year|quarter|month|week|day|phase|step|pages?|table|section|version|line|row|no|item|tier"
    r"|level)\.? |[#/:_]|[A-Za-z]-)\Z",
    re.IGNORECASE,
)
DATE_OR_CLOCK = re.compile(r"\b\d{4}-\d\d?-\d\d?\b|\b\d\d?[./]\d\d?[./]\d{2,4}\b|\b\d\d?:\d\d\b")


def unit_word(written: str) -> str:
    """The unit that a written form stands for: ` %` is `percent`, `-fold` is `multiple`."""
    return UNIT_WORDS[written.strip(" -").lower()]


def is_money(unit: str) -> bool:
    """Whether a unit is a currency, also as a rate (`USD/agent`)."""
    return unit.partition("/")[0] in CURRENCIES
