"""Numbers as people write them: `1.0 billion`, `41,000`, `38,4`, `twenty-five`."""

import re
from decimal import Decimal

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

WORDS: dict[str, int] = {word: value for value, word in enumerate(_ONES)}
WORDS |= {word: (index + 2) * 10 for index, word in enumerate(_TENS)}
WORDS |= {
    f"{tens}-{ones}": (index + 2) * 10 + value
    for index, tens in enumerate(_TENS)
    for value, ones in enumerate(_ONES[1:10], start=1)
}

SCALES: dict[str, Decimal] = {
    "hundred": Decimal(100),
    "k": Decimal(1000),
    "thousand": Decimal(1000),
    "m": Decimal(10) ** 6,
    "mn": Decimal(10) ** 6,
    "mm": Decimal(10) ** 6,
    "mio": Decimal(10) ** 6,
    "million": Decimal(10) ** 6,
    "millions": Decimal(10) ** 6,
    "b": Decimal(10) ** 9,
    "bn": Decimal(10) ** 9,
    "billion": Decimal(10) ** 9,
    "billions": Decimal(10) ** 9,
    "tn": Decimal(10) ** 12,
    "trillion": Decimal(10) ** 12,
}

DIGITS = r"\d{1,3}(?:(?:[,.'\u2019\u00a0\u202f]\d{3})+)(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
WORD = r"(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")"
# One-letter scales must touch the number or follow one blank, and end a word: "3 m" is million, "3 months" is not.
SCALE = r"(?:hundred|thousand|millions?|billions?|trillion|bn|mn|mm|mio|tn|[kKmMbB])\b"

_GROUPED = re.compile(r"\d{1,3}(?:([,.'\u2019\u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?\Z")


def parse_number(digits: str) -> Decimal:
    """The value of written digits.

    One comma before exactly three digits groups thousands (`41,000`); one dot is a decimal point (`1.000`), unless the groups
    repeat (`1.200.000`). A comma before other than three digits is a decimal comma (`38,4`). A leading zero is never grouped.
    """
    grouped = _GROUPED.match(digits)
    if grouped and not digits.startswith("0"):
        mark = grouped.group(1)
        if mark != "." or digits.count(".") > 1 or "," in digits:
            return Decimal(digits.replace(mark, "").replace(",", "."))
    return Decimal(digits.replace(",", "."))


def parse_amount(number: str, scale: str | None) -> Decimal:
    """A written number or number word times its scale word; exact."""
    word = number.lower()
    value = Decimal(WORDS[word]) if word in WORDS else parse_number(number)
    scaled = value * (SCALES[scale.lower()] if scale else 1)
    return scaled.quantize(Decimal(1)) if scaled == scaled.to_integral_value() else scaled.normalize()
