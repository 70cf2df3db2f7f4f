"""Figures as people type and paste them: ``$1,234.50``, ``1.234,50 €``, ``38.4 %``, ``(1,200)``, ``1.2 million``, ``41k``.

What a comma means is decided for a whole paste at once (``decimal_mark_of``): one cell that leaves no doubt decides for the
others, and two that contradict each other refuse the paste.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, localcontext

from valuefabric.domain.discovery.numbers import SCALE, SCALES
from valuefabric.domain.formulas.figures import read_figure
from valuefabric.domain.formulas.limits import MAX_DIGITS

LONGEST = 60
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007\t\r\n", " ") | {"\u2212": "-", "\u2013": "-", "\u2019": "'"})
_MONEY: dict[str, frozenset[str]] = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}),
}
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_NUMBER = re.compile(rf"(?P<digits>\d[\d.,' ]*|[.,]\d+)(?: ?(?P<scale>{SCALE}))?", re.ASCII)
# Groups of three: one to three digits, then threes behind one and the same mark.
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,' ])\d{3})(?:\1\d{3})*")
_SHARES = frozenset({"percent", "%"})
_PLAIN = frozenset({"ratio", "share", "number", "factor", "multiple", "index", "1"})


class FigureRefused(ValueError):
    """What was typed is no figure of the row's unit; the message says what to write."""


def read_typed(text: str, unit: str, mark: str = "") -> Decimal:
    """The figure; shares as fractions. ``mark`` is what the decimal mark is known to be ("." or ","), else it is inferred and
    a doubtful ``1,234`` groups thousands. Raises FigureRefused."""
    # Exact: what is written has at most thirty digits, and a scale word adds twelve.
    with localcontext(prec=3 * MAX_DIGITS):
        value = _read(text, unit, mark)
        try:
            return read_figure(value)
        except ValueError as error:
            raise FigureRefused(f"“{text.strip()[:40]}”: {error}") from error


def _read(text: str, unit: str, mark: str) -> Decimal:
    words = " ".join(text.translate(_BLANKS).split())
    if not words or len(words) > LONGEST:
        raise _none(text, unit)
    words, negative = _sign(words)
    words, currency = _without_money(words, unit)
    words, percent = (words[:-1].rstrip(), True) if words.endswith("%") else (words, False)
    found = _NUMBER.fullmatch(words.strip())
    if found is None:
        raise _none(text, unit)
    value = _scaled(_digits(found["digits"].strip(), mark, text, unit), found["scale"])
    value = -value if negative else value
    if percent and unit not in _SHARES | _PLAIN:
        raise FigureRefused(f"“{text.strip()}” is a percentage; this row counts {unit}. Write the figure itself.")
    if currency and unit in _SHARES:
        raise FigureRefused(f"“{text.strip()}” is an amount of money; this row is a percentage, such as 38.4 %.")
    return _plain(value.scaleb(-2) if percent or unit in _SHARES else value)


def decimal_mark_of(texts: Iterable[str]) -> str:
    """ "," or "." where some text leaves no doubt, "" where none does. Raises FigureRefused where two contradict each other."""
    found: dict[str, str] = {}
    for text in texts:
        mark = _certain_mark(text.translate(_BLANKS))
        if mark:
            found.setdefault(mark, text.strip())
    if len(found) == 2:
        told = f"“{found['.']}” has a decimal point and “{found[',']}” a decimal comma; write them one way, then paste again."
        raise FigureRefused(told)
    return next(iter(found), "")


def _certain_mark(text: str) -> str:
    digits = "".join(character for character in text if character in "0123456789.,")
    marks = [character for character in digits if character in ".,"]
    if not marks or not any(character.isdigit() for character in digits):
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last if marks.count(last) == 1 else ""
    if len(marks) > 1:
        return "." if last == "," else ","  # repeated, so it groups, and the other one is the decimal mark
    before, _, after = digits.partition(last)
    return last if len(after) != 3 or len(before) > 3 or before.startswith("0") or not before else ""


def _sign(words: str) -> tuple[str, bool]:
    """Accountants write a negative figure in brackets, or with the sign behind it."""
    if words.startswith("(") and words.endswith(")"):
        return words[1:-1].strip(), True
    if words.startswith("-"):
        return words[1:].strip(), True
    if words.endswith("-"):
        return words[:-1].strip(), True
    return words.removeprefix("+").strip(), False


def _without_money(words: str, unit: str) -> tuple[str, bool]:
    """The words without a currency's sign or code, which must be the row's own."""
    own = set(_CODE.findall(unit))
    for sign, codes in _MONEY.items():
        if sign in words:
            if own and not own & codes:
                raise FigureRefused(f"“{words}” is in another currency; this row is in {', '.join(sorted(own))}.")
            _require_money(words, unit, own)
            return words.replace(sign, "", 1).removeprefix("US").strip(), True
    code = _CODE.search(words)
    if code is None:
        return words, False
    if own and code[0] not in own:
        raise FigureRefused(f"“{words}” is in {code[0]}; this row is in {', '.join(sorted(own))}.")
    _require_money(words, unit, own)
    return (words[: code.start()] + words[code.end() :]).strip(), True


def _require_money(words: str, unit: str, own: set[str]) -> None:
    if not own and unit not in _SHARES:
        raise FigureRefused(f"“{words}” is an amount of money; this row counts {unit}.")


def _digits(digits: str, mark: str, text: str, unit: str) -> Decimal:
    mark = mark or _certain_mark(digits) or "."
    whole, _, rest = digits.rpartition(mark) if mark in digits else (digits, "", "")
    if mark in whole or not (whole.isdigit() or not whole or _GROUPED.fullmatch(whole)) or not (rest.isdigit() or not rest):
        raise _none(text, unit)
    plain = "".join(character for character in whole if character.isdigit())
    if len(plain) + len(rest) > MAX_DIGITS:
        raise FigureRefused(f"a figure has at most {MAX_DIGITS} digits")
    return Decimal(f"{plain or '0'}.{rest}") if rest else Decimal(plain or "0")


def _scaled(value: Decimal, scale: str | None) -> Decimal:
    scaled = value * (SCALES[scale.lower()] if scale else 1)
    return scaled.quantize(Decimal(1)) if scaled == scaled.to_integral_value() else scaled


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end, so that 20 % and 20.0 % are the same content."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def _none(text: str, unit: str) -> FigureRefused:
    example = "38.4 %" if unit in _SHARES else "1,000,000 or 1.2 million"
    if not text.strip():
        return FigureRefused(f"A figure is missing. Write one like {example}.")
    return FigureRefused(f"“{text.strip()[:40]}” is no figure. Write it like {example}.")
