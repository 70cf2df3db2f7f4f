"""Quantities with units in running text, as decimals with exact offsets and the sentence they stand in.

A number without a unit (a date, an id, "year two") is not a quantity: nothing could be checked against it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.discovery.cues import gap
from valuefabric.domain.discovery.numbers import parse_amount
from valuefabric.domain.discovery.sentences import Sentence, split_sentences
from valuefabric.domain.discovery.units import (
    CURRENCY_SIGNS,
    CURRENCY_WORDS,
    DATE_OR_CLOCK,
    LABEL_BEFORE,
    NOT_COUNTED,
    QUANTITY,
    RANGE_GAP,
    RATE,
    is_money,
    unit_word,
)

_LONGEST_LABEL = 24


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value and its unit as written: percents as said (38.4 for "38.4%"), money in whole units of its currency.

    `unit` is a currency code, `percent`, `points`, `basis_points`, `multiple`, a duration (`years`), or the counted noun,
    with `/year` and the like where a rate follows ("41,000 tickets a year" is 41000 `tickets/year`).
    """

    value: Decimal
    unit: str
    text: str
    start: int
    end: int
    sentence: str
    sentence_start: int
    sentence_end: int

    @property
    def is_money(self) -> bool:
        """Whether the unit is a currency, a rate or not."""
        return is_money(self.unit)


def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a text in order. Offsets are into `text`: `text[q.start:q.end] == q.text`."""
    return tuple(quantity for sentence in split_sentences(text) for quantity in sentence_quantities(sentence))


def sentence_quantities(sentence: Sentence) -> list[Quantity]:
    """The quantities of one sentence; the first number of a range takes the unit of the second ("10 to 15 %")."""
    flat = sentence.flat
    dates = [match.span() for match in DATE_OR_CLOCK.finditer(flat)]
    matches = [match for match in QUANTITY.finditer(flat) if not _is_label(flat, match, dates)]
    found: list[Quantity | None] = []
    lower: Quantity | None = None
    for index, match in enumerate(matches):
        upper = matches[index + 1] if index + 1 < len(matches) else None
        if upper is not None and RANGE_GAP.fullmatch(flat[_number_end(match) : upper.start("number")]):
            lower = _lower_end(sentence, match, upper)
            found.append(lower)
            continue
        unit, end = _unit_of(flat, match)
        # "$1-2 million": the upper end takes the lower end's currency.
        found.append(_quantity(sentence, match, lower.unit if lower and lower.is_money else unit, end, match["scale"]))
        lower = None
    return [quantity for quantity in found if quantity is not None]


def _lower_end(sentence: Sentence, match: re.Match[str], upper: re.Match[str]) -> Quantity | None:
    """The lower end of a range: its own sign or unit, else the upper end's; a noun after "10 to" is no unit."""
    own, own_end = _unit_of(sentence.flat, match) if match["sign"] or match["code"] or match["unit"] else ("", _number_end(match))
    unit = own or _unit_of(sentence.flat, upper)[0]
    return _quantity(sentence, match, unit, own_end, match["scale"] or upper["scale"])


def _quantity(sentence: Sentence, match: re.Match[str], unit: str, end: int, scale: str | None) -> Quantity | None:
    if not unit:
        return None
    value = parse_amount(match["number"], scale)
    start, stop = sentence.source_span(match.start(), end)
    return Quantity(
        value=-value if match["minus"] else value,
        unit=unit,
        text=sentence.text[start - sentence.start : stop - sentence.start],
        start=start,
        end=stop,
        sentence=sentence.text,
        sentence_start=sentence.start,
        sentence_end=sentence.end,
    )


def _number_end(match: re.Match[str]) -> int:
    return match.end("scale" if match["scale"] else "number")


def _unit_of(flat: str, match: re.Match[str]) -> tuple[str, int]:
    """The unit of a match and where its text ends; an empty unit where there is none."""
    money = _money_of(match)
    if money:
        written_after = next((name for name in ("money", "code_after") if match[name]), None)
        return _with_rate(flat, money, match.end(written_after) if written_after else _number_end(match))
    if match["unit"]:
        return unit_word(match["unit"]), match.end("unit")
    if match["time"]:
        return _with_rate(flat, f"{match['time'].lower().rstrip('s')}s", match.end("time"))
    return _counted(flat, match)


def _money_of(match: re.Match[str]) -> str:
    if match["sign"]:
        return CURRENCY_SIGNS[match["sign"].upper()]
    if match["code"] or match["code_after"]:
        code = (match["code"] or match["code_after"]).upper()
        return CURRENCY_SIGNS.get(code, code)
    return CURRENCY_WORDS[match["money"].lower()] if match["money"] else ""


def _counted(flat: str, match: re.Match[str]) -> tuple[str, int]:
    """What is counted: the plural in "12 support agents"; "one" before a noun is an article more often than a count."""
    words: list[str] = []
    for word in (match["noun"] or "").split(" "):
        if word.lower() in NOT_COUNTED or len(word) < 2:
            break
        words.append(word)
    if not words or match["number"].lower() == "one":
        return "", _number_end(match)
    plural = next((index for index, word in enumerate(words) if word.endswith("s")), 0)
    end = match.start("noun") + len(" ".join(words[: plural + 1]))
    return _with_rate(flat, words[plural].lower(), end)


def _with_rate(flat: str, unit: str, end: int) -> tuple[str, int]:
    rate = RATE.match(flat, end)
    return (f"{unit}/{rate[1] or rate[2] or rate[3]}", rate.end()) if rate else (unit, end)


def _is_label(flat: str, match: re.Match[str], dates: list[tuple[int, int]]) -> bool:
    start = match.start("number")
    if any(begin <= start < end for begin, end in dates):
        return True
    return not (match["sign"] or match["code"]) and bool(LABEL_BEFORE.search(flat[max(0, start - _LONGEST_LABEL) : start]))


def nearest(sentence: Sentence, candidates: Sequence[Quantity], place: tuple[int, int]) -> Quantity | None:
    """The quantity of a sentence that stands nearest to a place in its `flat` text."""
    return min(candidates, key=lambda quantity: distance(sentence, quantity, place), default=None)


def distance(sentence: Sentence, quantity: Quantity, place: tuple[int, int]) -> int:
    """How far a quantity stands from a place in its sentence's `flat` text."""
    return gap(sentence.flat, *sentence.flat_span(quantity.start, quantity.end), *place)
