"""Rules of reckoning that people state in notes: discount rate, term, haircut, margin, delay."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from valuefabric.domain.discovery.cues import mentions
from valuefabric.domain.discovery.findings import Convention, ConventionKey
from valuefabric.domain.discovery.matching import Meanings, driver_score
from valuefabric.domain.discovery.notes import Notes
from valuefabric.domain.discovery.quantities import Quantity, distance, nearest
from valuefabric.domain.discovery.sentences import Sentence
from valuefabric.domain.packs.schema import Pack

# "Discounted by 10%" is a price; cash flows are discounted at a rate.
_DISCOUNT = re.compile(
    r"\bdiscount(?:ing)?[ -]rate\b|\bhurdle rate\b|\bcost of capital\b|\bWACC\b|\bdiscount(?:s|ed|ing)?(?: [a-z]+){0,3} at\b",
    re.IGNORECASE,
)
_HAIRCUT = re.compile(
    r"\bhaircuts?\b|\brisk[ -](?:adjust\w*|discount|reduction|margin)\b|\b(?:cut|reduce|shave"
    r"|mark)[^.;]{0,25}\bfor risk\b|\bsafety (?:margin|deduction)\b",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"\bdiscount(?:ing)?[ -]rate\b|\b(?:term|horizon|time ?frame|business case|the case|the model|contract"
    r"|evaluat\w+|calculat\w+)\b",
    re.IGNORECASE,
)
_MARGIN = re.compile(
    r"\b(?:at|on|as|in|through|by) (?:the |operating |contribution |gross )*margin\b|\bnever (?:as )?(?:top[ -]line|revenue)\b"
    r"|\bnot (?:as )?top[ -]line\b|\bmargin[ -]based\b",
    re.IGNORECASE,
)
_MARGIN_SUBJECT = re.compile(
    r"\b(?:benefits?|effects?|gains?|uplift|savings|value|everything|figures?|numbers?)\b",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"\b(?:an?|one|two|three|(?P<number>\d+))[ -](?P<unit>year|month|quarter)s?(?:['’]s?)?[ -](?:delay|lag|later|late)\b"
    r"|\b(?:delay|lag|lags)(?: of| by)? (?:an?|one|two|three|(?P<number2>\d+)) (?P<unit2>year|month|quarter)s?\b"
    r"|\bthe year after\b|\bfollowing year\b|\bnext year\b",
    re.IGNORECASE,
)
_SAME_YEAR = re.compile(
    r"\b(?:in|within) the same\s+(?:year|period)\b|\bimmediately\b|\bwithout (?:any )?(?:delay|lag)\b"
    r"|\bright away\b",
    re.IGNORECASE,
)
_WORD_NUMBERS = {"two": 2, "three": 3}
_NEAR = 60


def find_conventions(
    notes: Sequence[Notes], pack: Pack, meanings: Meanings
) -> tuple[tuple[Convention, ...], frozenset[tuple[str, int]]]:
    """The conventions stated, and the quantities (reference, start) that state them, which are no assumptions then."""
    found: list[Convention] = []
    taken: set[tuple[str, int]] = set()
    for item in notes:
        for sentence in item.sentences:
            for convention, quantity in _in_sentence(item, sentence, pack, meanings):
                found.append(convention)
                if quantity is not None:
                    taken.add((item.reference, quantity.start))
    return tuple(found), frozenset(taken)


type _Found = tuple[Convention, Quantity | None]


def _in_sentence(notes: Notes, sentence: Sentence, pack: Pack, meanings: Meanings) -> Iterator[_Found]:
    yield from _rate(notes, sentence, "discount_rate", _DISCOUNT, lambda _: None)
    yield from _rate(notes, sentence, "risk_adjustment", _HAIRCUT, lambda place: _scope(sentence, place, pack))
    yield from _term(notes, sentence)
    if _MARGIN.search(sentence.flat) and _MARGIN_SUBJECT.search(sentence.flat):
        yield Convention(key="benefits_at_margin", citation=notes.cite(sentence)), None
    yield from _lag(notes, sentence, pack, meanings)


def _rate(
    notes: Notes, sentence: Sentence, key: ConventionKey, words: re.Pattern[str], scope: Callable[[int], str | None]
) -> Iterator[_Found]:
    percents = [quantity for quantity in notes.quantities_of(sentence) if quantity.unit == "percent"]
    for place in words.finditer(sentence.flat):
        quantity = nearest(sentence, percents, place.span())
        if quantity is None or distance(sentence, quantity, place.span()) > _NEAR:
            continue
        percents.remove(quantity)
        value = quantity.value / 100
        yield Convention(key=key, value=value, driver=scope(place.end()), citation=notes.cite(sentence)), quantity


def _term(notes: Notes, sentence: Sentence) -> Iterator[_Found]:
    if not _TERM.search(sentence.flat):
        return
    for quantity in notes.quantities_of(sentence):
        years = quantity.value if quantity.unit == "years" else quantity.value / 12 if quantity.unit == "months" else Decimal(0)
        stated = any(distance(sentence, quantity, place.span()) <= _NEAR for place in _TERM.finditer(sentence.flat))
        if 2 <= years <= 10 and years == years.to_integral_value() and stated:
            yield Convention(key="term_years", value=years.quantize(Decimal(1)), citation=notes.cite(sentence)), quantity
            return


def _lag(notes: Notes, sentence: Sentence, pack: Pack, meanings: Meanings) -> Iterator[_Found]:
    delay = _DELAY.search(sentence.flat)
    if not delay and not _SAME_YEAR.search(sentence.flat):
        return
    best = max(pack.drivers, key=lambda driver: driver_score(sentence, driver, meanings))
    if mentions(sentence.flat, (*best.cues.strong, *best.cues.weak)):
        value = _delay_years(delay) if delay else Decimal(0)
        yield Convention(key="lag_years", value=value, driver=best.key, citation=notes.cite(sentence)), None


def _delay_years(found: re.Match[str]) -> Decimal:
    digits = found["number"] or found["number2"]
    word = next((word for word in found.group().lower().split() if word in _WORD_NUMBERS), "")
    number = Decimal(digits) if digits else Decimal(_WORD_NUMBERS.get(word, 1))
    unit = (found["unit"] or found["unit2"] or "year").lower()
    return number / {"year": 1, "quarter": 4, "month": 12}[unit]


def _scope(sentence: Sentence, after: int, pack: Pack) -> str | None:
    """The one driver that the words after a haircut name; None where they name all, several or none."""
    rest = re.split(r"[,;]|\bbecause\b|\bsince\b", sentence.flat[after:])[0]
    named = [driver.key for driver in pack.drivers if mentions(rest, driver.cues.strong)]
    return named[0] if len(named) == 1 else None
