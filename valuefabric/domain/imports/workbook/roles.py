"""Which rows count as benefits and costs. Totals say it best: what a "Total benefits" adds up are benefits. Without totals the
net flow says it, and without that the headings and labels."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Conditional,
    Expression,
    Name,
    Negative,
    Number,
    Rounded,
)
from valuefabric.domain.imports.choices import RoleChoice
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook.entries import Entry, Register
from valuefabric.domain.imports.workbook.unit_hints import Hint
from valuefabric.domain.imports.workbook.words import NET, TOTAL, Side, side_of

_NET_RESULT = re.compile(r"\bnet\b|\bcash ?flow\b")
_NO_NET = re.compile(r"\b(cumulative|running|discounted|present value|pv|npv)\b")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row that a total is made of; ``sign`` -1 where it is subtracted."""

    key: str
    sign: int


def sum_leaves(entries: Mapping[str, Entry], key: str, sign: int = 1, seen: frozenset[str] = frozenset()) -> list[Leaf]:
    """The rows that a row only adds and subtracts, through subtotals; the row itself where it is something else."""
    entry = entries[key]
    if entry.formula is None or key in seen or (seen and not _is_total(entry)):
        return [Leaf(key, sign)]
    parts = _signed_names(compile_formula(entry.formula, row=key).tree, sign)
    if parts is None or (len(parts) == 1 and parts[0].key not in entries):
        return [Leaf(key, sign)]
    return [leaf for part in parts for leaf in sum_leaves(entries, part.key, part.sign, seen | {key})]


def _is_total(entry: Entry) -> bool:
    return bool(TOTAL.search(entry.label.lower()))


def _signed_names(node: Expression, sign: int) -> list[Leaf] | None:
    """Names with their signs when ``node`` only adds and subtracts rows; None for anything else."""
    if isinstance(node, Name):
        return [Leaf(node.key, sign)]
    if isinstance(node, Number):
        return [] if not node.value else None
    if isinstance(node, Negative | Rounded):
        return _signed_names(node.operand, -sign if isinstance(node, Negative) else sign)
    return _of_several(node, sign)


def _of_several(node: Expression, sign: int) -> list[Leaf] | None:
    if isinstance(node, Conditional):
        yes, no = _signed_names(node.yes, sign), _signed_names(node.no, sign)
        differ = bool(yes) and bool(no) and yes != no
        return None if yes is None or no is None or differ else yes or no
    if isinstance(node, Aggregate) and node.function == "sum":
        return _together([_signed_names(argument, sign) for argument in node.arguments])
    if isinstance(node, Arithmetic) and node.operator in "+-":
        return _together([_signed_names(node.left, sign), _signed_names(node.right, sign if node.operator == "+" else -sign)])
    return None


def _together(parts: Iterable[list[Leaf] | None]) -> list[Leaf] | None:
    found: list[Leaf] = []
    for part in parts:
        if part is None:
            return None
        found += part
    return found


def assign_roles(register: Register, hints: Mapping[str, Hint], chosen: Mapping[str, RoleChoice]) -> None:
    """Set ``role`` of the rows that count, and say why each was taken; what a person chose comes first."""
    entries = {key: entry for key, entry in register.entries.items() if entry.kind != "single"}
    reasons = _by_totals(entries) or _by_net(entries) or {}
    sides = {side for side, _ in reasons.values()}
    reasons = {**_by_words(entries, hints, {"benefit", "cost"} - sides), **reasons}
    inside = _ingredients(register.entries, reasons)
    for key, (side, why) in reasons.items():
        if key in inside and key not in chosen:
            entry = register.entries[key]
            told = f"not counted as a {side}: {register.entries[inside[key]].label!r}, which counts, is made of it"
            register.find(Finding("left_out", entry.places[0] if entry.places else "", entry.label, told, "", key))
        elif key not in chosen and _can_be_money(hints[key]):
            _give(register, register.entries[key], side, why)
    for key, choice in chosen.items():
        if choice != "none" and key in entries:
            register.entries[key].role = choice
    if not any(entry.role == "benefit" for entry in register):
        why = "no row was recognised as a benefit: there is no total of benefits, no net flow, no heading that says so"
        register.find(Finding("assumed", "", "", why, "Choose the rows that count, or label them in the sheet."))


def _ingredients(entries: Mapping[str, Entry], reasons: Mapping[str, tuple[Side, str]]) -> dict[str, str]:
    """Rows that another row of the same side is made of, so that no amount counts twice; with that other row."""
    needs = {key: _names(entry) if entry.formula else set() for key, entry in entries.items()}
    found: dict[str, str] = {}
    for key, (side, _) in reasons.items():
        waiting, seen = list(needs.get(key, ())), {key}
        while waiting:
            other = waiting.pop()
            if other not in seen:
                seen.add(other)
                waiting += needs.get(other, ())
                if other in reasons and reasons[other][0] == side:
                    found[other] = key
    return found


def _give(register: Register, entry: Entry, side: Side, why: str) -> None:
    entry.role = side
    register.find(
        Finding("assumed", entry.places[0] if entry.places else "", entry.label, f"counted as a {side}: {why}", "", entry.key)
    )


def _can_be_money(hint: Hint) -> bool:
    if hint.money is not None:
        return hint.money
    return hint.dimension is None and not hint.percent


def _by_totals(entries: Mapping[str, Entry]) -> dict[str, tuple[Side, str]]:
    """What totals of benefits and totals of costs add up."""
    found: dict[str, tuple[Side, str]] = {}
    for key, entry in entries.items():
        label = entry.label.lower()
        side = side_of(label)
        named = TOTAL.search(label) or label in {"benefits", "costs", "savings", "investment"}
        if side is None or not named or NET.search(label.replace("cash", "")) or entry.formula is None:
            continue
        leaves = sum_leaves(entries, key)
        if [leaf.key for leaf in leaves] == [key]:
            found.setdefault(key, (side, "its label says so"))
            continue
        for leaf in leaves:
            found.setdefault(leaf.key, (side if leaf.sign > 0 else _other(side), f"it is part of {entry.label!r}"))
    return found


def _by_net(entries: Mapping[str, Entry]) -> dict[str, tuple[Side, str]]:
    """What a net flow adds and subtracts."""
    for key, entry in entries.items():
        label = entry.label.lower()
        if entry.formula is None or not _NET_RESULT.search(label) or _NO_NET.search(label):
            continue
        leaves = sum_leaves(entries, key)
        if len(leaves) > 1:
            return {
                leaf.key: (
                    "benefit" if leaf.sign > 0 and side_of(entries[leaf.key].label) != "cost" else "cost",
                    f"{entry.label!r} {'adds' if leaf.sign > 0 else 'subtracts'} it",
                )
                for leaf in leaves
            }
    return {}


def _by_words(entries: Mapping[str, Entry], hints: Mapping[str, Hint], sides: set[str]) -> dict[str, tuple[Side, str]]:
    """Rows of money under a heading of benefits or costs, or with such a label, that no other row is made of."""
    used = {name for entry in entries.values() if entry.formula for name in _names(entry)}
    found: dict[str, tuple[Side, str]] = {}
    for key, entry in entries.items():
        label = entry.label.lower()
        if key in used or TOTAL.search(label) or NET.search(label) or not _can_be_money(hints[key]) or entry.kind == "added":
            continue
        section, own = side_of(entry.words.section), side_of(label)
        side = section or own
        if side in sides and side is not None and (hints[key].money or section is not None):
            where = f"it stands under {entry.words.section!r}" if section else "its label says so"
            found[key] = (side, where)
    return found


def _names(entry: Entry) -> set[str]:
    formula = compile_formula(entry.formula or "0", row=entry.key)
    return set(formula.references) | set(formula.lagged)


def _other(side: Side) -> Side:
    return "cost" if side == "benefit" else "benefit"


def turn_negative_costs(register: Register) -> None:
    """A cost counts as a positive figure: where the sheet has it negative, a row with its opposite takes the role."""
    for entry in list(register.entries.values()):
        figures = [*entry.saved.values(), *(entry.values or ())]
        if entry.role == "cost" and figures and max(figures) <= 0 and min(figures) < 0:
            entry.role = None
            label = f"{entry.label}, as a positive cost"
            words = type(entry.words)(
                label, entry.words.unit, entry.words.section, "Added by the import: costs count as positive figures."
            )
            added = Entry(register.key_for(f"{entry.key}_cost"), words, "added", number_format=entry.number_format)
            added.formula, added.how, added.role, added.is_used = f"-{entry.key}", "added", "cost", True
            register.add(added)
            entry.is_used = True
