"""Reading the figures of an English text: digits with separators, scales and percent signs, and numbers in words."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True)
class Figure:
    """A figure as it stands in a text.

    ``step`` is the smallest difference its notation can show (0.1 million for "10.0M"); ``digits`` counts the digits shown
    without leading zeros.
    """

    value: Decimal
    text: str
    start: int
    end: int
    step: Decimal = Decimal(1)
    digits: int = 1
    unit: str = ""

    @property
    def is_percent(self) -> bool:
        """Whether it is a percentage (its value is the number before the sign)."""
        return self.unit == "%"


_SCALES = {
    "k": 3, "thousand": 3, "m": 6, "mm": 6, "mn": 6, "million": 6, "millions": 6,
    "b": 9, "bn": 9, "billion": 9, "billions": 9, "tn": 12, "trillion": 12,
}  # fmt: skip
_UNITS = {"%": "%", "percent": "%", "per cent": "%", "pp": "%", "percentage points": "%", "x": "x", "×": "x"}

# Letters glued in front make a name ("Q3", "SOC2", "v1.2"); a currency's code or sign does not. At most 24 digits are one
# number: the bound keeps a hostile run of digits from becoming a huge one.
_DIGITS = re.compile(
    r"(?<![A-Za-z0-9_.,])(?:(?:USD|EUR|GBP|CHF)\s?|[$€£]\s?)?[-\u2212]?(?:[$€£]\s?)?"
    r"(?P<whole>\d{1,3}(?:[,\u2009\u202f]\d{3})+|\d{1,24})(?P<decimals>\.\d{1,12})?"
    r"(?:[\s\u00a0-]?(?P<scale>thousand|millions?|billions?|trillion|mm|mn|bn|tn|[kmb])(?![A-Za-z]))?"
    r"(?:[\s\u00a0-]?(?P<unit>%|percentage points|per cent|percent|pp(?![A-Za-z])|[x\u00d7](?![A-Za-z])))?",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"(?:^|\n)[ \t]*$")
_RANGE = re.compile(r"\s?(?:-|\u2013|\u2014|to|and)\s?$")

_TO_NINETEEN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_SMALL = {word: value for value, word in enumerate(_TO_NINETEEN)}
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_BIG = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ALONE = {
    "half": "0.5", "halve": "0.5", "halved": "0.5", "halves": "0.5", "double": "2", "doubled": "2", "doubles": "2",
    "doubling": "2", "twice": "2", "triple": "3", "tripled": "3", "triples": "3", "tripling": "3", "thrice": "3",
    "quadruple": "4", "quadrupled": "4", "dozen": "12",
}  # fmt: skip
_NUMBER_WORD = "|".join((*_SMALL, *_TENS, *_BIG))
_WORDS = re.compile(
    rf"\b(?P<words>(?:{_NUMBER_WORD})(?:(?:[\s-]|\sand\s)(?:{_NUMBER_WORD}))*)\b"
    r"(?:[\s-]?(?P<unit>%|per cent|percent|percentage points|fold|times)\b)?"
    rf"|\b(?P<alone>{'|'.join(_ALONE)})\b",
    re.IGNORECASE,
)


def figures_in(text: str) -> tuple[Figure, ...]:
    """All figures of ``text`` in reading order.

    Left out: the marks of a numbered list, digits inside names ("Q3"), and the words zero to nine where no scale, percent or
    "times" follows ("two people" is prose, "two million" is a figure).
    """
    digits = [_from_digits(match) for match in _DIGITS.finditer(text) if not _is_list_mark(text, match)]
    taken = [(figure.start, figure.end) for figure in digits]
    words = [figure for match in _WORDS.finditer(text) if (figure := _from_words(match)) and not _overlaps(figure, taken)]
    return tuple(_ranges_share_units(text, sorted([*digits, *words], key=lambda figure: figure.start)))


def _from_digits(match: re.Match[str]) -> Figure:
    whole = re.sub(r"\D", "", match["whole"])
    decimals = match["decimals"] or ""
    scale = Decimal(10) ** _SCALES[match["scale"].lower()] if match["scale"] else Decimal(1)
    return Figure(
        value=Decimal(whole + decimals) * scale,
        text=match.group().strip(),
        start=match.start(),
        end=match.end(),
        step=Decimal(1).scaleb(-max(len(decimals) - 1, 0)) * scale,
        digits=len((whole + decimals[1:]).lstrip("0")),
        unit=_UNITS.get((match["unit"] or "").lower(), ""),
    )


def _from_words(match: re.Match[str]) -> Figure | None:
    if match["alone"]:
        return Figure(Decimal(_ALONE[match["alone"].lower()]), match.group(), match.start(), match.end())
    words = [word for word in re.split(r"[\s-]+", match["words"].lower()) if word != "and"]
    value, unit = _spoken(words), (match["unit"] or "").lower()
    if value < 10 and not unit:
        return None
    return Figure(Decimal(value), match.group(), match.start(), match.end(), unit=_UNITS.get(unit, "x" if unit else ""))


def _spoken(words: list[str]) -> int:
    """The number that ``words`` say: "two hundred and five thousand" is 205,000."""
    total, group = 0, 0
    for word in words:
        if word == "hundred":
            group = max(group, 1) * 100
        elif word in _BIG:
            total, group = total + max(group, 1) * _BIG[word], 0
        else:
            group += _SMALL.get(word, 0) + _TENS.get(word, 0)
    return total + group


def _is_list_mark(text: str, match: re.Match[str]) -> bool:
    """Whether a short number begins a line and is followed by a point or bracket and a space: "3. Then…"."""
    if not match.group().isdigit() or len(match.group()) > 2:
        return False
    before, after = text[max(match.start() - 40, 0) : match.start()], text[match.end() : match.end() + 2]
    return bool(re.match(r"[.)]\s", after) and _LIST_MARK.search(before))


def _overlaps(figure: Figure, taken: list[tuple[int, int]]) -> bool:
    return any(figure.start < end and start < figure.end for start, end in taken)


def _ranges_share_units(text: str, figures: list[Figure]) -> list[Figure]:
    """In "10–12 %" the first figure is a percentage too."""
    for index in range(len(figures) - 1):
        first, second = figures[index], figures[index + 1]
        joined = _RANGE.fullmatch(text[first.end : second.start])
        if joined and second.unit and not first.unit:
            figures[index] = replace(first, unit=second.unit)
    return figures
