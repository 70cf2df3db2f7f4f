"""Units for all rows at once: formulas say how units hang together, cells say what some of them are, and the rest follows.

For each word (USD, hour ...) the power of it in every row's unit is an unknown number. ``a * b`` adds powers, ``a + b`` makes
them equal; a unit written beside a cell gives them. What the sheet says is taken in the order of how certain it is, and what
contradicts the formulas is not taken: a wage shown as ``$45`` that multiplies hours into dollars comes out as USD/hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from valuefabric.domain.formulas.units import MAX_UNIT, Dimension
from valuefabric.domain.imports.workbook.linear import Equations
from valuefabric.domain.imports.workbook.unit_hints import Hint
from valuefabric.domain.imports.workbook.unit_structure import Structure

_MOST_EQUATIONS = 8_000


@dataclass(frozen=True, slots=True)
class Solved:
    """``units`` by row; ``unfit`` are rows whose stated unit contradicts the formulas, ``given_up`` words that do."""

    units: Mapping[str, Dimension]
    unfit: tuple[str, ...]
    given_up: tuple[str, ...]


def solve(
    structure: Structure,
    hints: Mapping[str, Hint],
    money: Sequence[str],
    currency: str,
    soft: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Solved:
    """Units for all rows. ``money`` are rows that must be money, whatever else is said; ``soft`` are rows of which only the name
    speaks: for money, and for none."""
    words = sorted({word for hint in hints.values() if hint.dimension for word, _ in hint.dimension.powers} - {currency})
    if len(structure.equations) > _MOST_EQUATIONS:
        words = []
    powers: dict[str, dict[str, int]] = {key: {} for key in hints}
    given_up = [word for word in words if not _solve_word(structure, hints, word, powers, currency)]
    unfit = _solve_money(structure, hints, money, currency, powers, soft)
    units = {key: Dimension(tuple(sorted((w, p) for w, p in found.items() if p))) for key, found in powers.items()}
    unfit += [key for key, hint in hints.items() if key not in unfit and _differs(hint, units[key], given_up)]
    return Solved(units, tuple(unfit), tuple(given_up))


def _differs(hint: Hint, unit: Dimension, given_up: Sequence[str]) -> bool:
    """Whether the unit that stands beside a cell is another one than it came to."""
    if hint.dimension is None or not hint.certain:
        return False
    return tuple(power for power in hint.dimension.powers if power[0] not in given_up) != unit.powers


def _started(structure: Structure) -> Equations:
    equations = Equations()
    for form in structure.equations:
        equations.add(form)
    return equations


def _solve_word(
    structure: Structure, hints: Mapping[str, Hint], word: str, powers: dict[str, dict[str, int]], currency: str
) -> bool:
    """The powers of one word; False, and no row has it, when the units that stand in the sheet contradict the formulas."""
    equations = _started(structure)
    computed_first = sorted(hints, key=lambda key: key not in structure.computed)
    for certain in (True, False):
        for key in computed_first:
            hint = hints[key]
            if hint.dimension is None:
                continue
            # A dollar sign beside a wage does not say that it is not dollars an hour.
            if (hint.certain and hint.dimension.powers != ((currency, 1),)) is not certain:
                continue
            power = Fraction(dict(hint.dimension.powers).get(word, 0))
            if not equations.add({key: Fraction(1)}, power) and certain:
                return False
    found = {key: equations.value(key) for key in hints}
    if any(value.denominator != 1 or abs(value) > 3 for value in found.values()):
        return False
    for key, value in found.items():
        powers[key][word] = int(value)
    return True


def _solve_money(
    structure: Structure,
    hints: Mapping[str, Hint],
    money: Sequence[str],
    currency: str,
    powers: dict[str, dict[str, int]],
    soft: tuple[Sequence[str], Sequence[str]],
) -> list[str]:
    """The powers of the currency; returns the rows whose stated unit does not fit."""
    equations = _started(structure)
    soft_money, soft_plain = soft
    unfit = [key for key in money if not equations.add({key: Fraction(1)}, Fraction(1))]
    stated = [(key, hint, _money_power(hint, currency)) for key, hint in hints.items()]
    for certain, plain in ((True, False), (False, False), (True, True), (False, True)):
        for key, hint, power in stated:
            if power is not None and hint.certain is certain and (power == 0) is plain:
                fits = equations.add({key: Fraction(1)}, Fraction(power))
                if not fits and key not in unfit and (certain or not plain):
                    unfit.append(key)
    # What nothing is said of: money by its name, then what was typed and is no money by its name.
    for key in soft_money:
        equations.add({key: Fraction(1)}, Fraction(1))
    for key in soft_plain:
        equations.add({key: Fraction(1)}, Fraction(0))
    for key in hints:
        value = equations.value(key)
        powers[key][currency] = int(value) if value.denominator == 1 and abs(value) <= 3 else 0
    return unfit


def _money_power(hint: Hint, currency: str) -> int | None:
    if hint.dimension is not None:
        return dict(hint.dimension.powers).get(currency, 0)
    return 1 if hint.money else None


def unit_text(dimension: Dimension, hint: Hint) -> str:
    """A unit in our writing: as the sheet has it where that is what it is, else made of its words."""
    if hint.dimension == dimension and hint.text:
        return hint.text
    if not dimension.powers:
        return "percent" if hint.percent else "number"
    above = [word for word, power in dimension.powers for _ in range(power)]
    below = [word for word, power in dimension.powers for _ in range(-power)]
    text = "/".join(["*".join(above) or "1", *below])
    return text if len(text) <= MAX_UNIT else "number"
