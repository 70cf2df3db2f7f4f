"""Drivers of an imported model: one for each benefit, with the rows that only it needs."""

from collections.abc import Mapping

from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.imports.keys import key_of
from valuefabric.domain.imports.workbook.entries import Entry, Register
from valuefabric.domain.imports.workbook.words import impact_of
from valuefabric.domain.model import Driver


def make_drivers(register: Register) -> tuple[Driver, ...]:
    """The drivers; sets ``driver`` of the rows that belong to one alone."""
    needs = {entry.key: _needed(entry) for entry in register}
    cones: dict[str, set[str]] = {}
    drivers: list[Driver] = []
    for entry in register:
        if entry.role != "benefit":
            continue
        key = key_of(entry.label, {driver.key for driver in drivers})
        cones[key] = _cone(entry.key, needs)
        entry.driver = key
        drivers.append(Driver(key=key, label=entry.label[:500], impact=impact_of(f"{entry.words.section} {entry.label}")))
    counted = {entry.key for entry in register if entry.role == "cost"}
    elsewhere = set().union(*(_cone(key, needs) | {key} for key in counted)) if counted else set()
    for key, cone in cones.items():
        others = set().union(*(other for name, other in cones.items() if name != key)) | elsewhere
        for row in cone - others:
            if register.entries[row].role is None:
                register.entries[row].driver = key
    return tuple(drivers)


def _needed(entry: Entry) -> frozenset[str]:
    if entry.formula is None:
        return frozenset()
    formula = compile_formula(entry.formula, row=entry.key)
    return frozenset(formula.references) | formula.lagged


def _cone(key: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Everything that a row is made of."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        for one in needs.get(waiting.pop(), frozenset()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
