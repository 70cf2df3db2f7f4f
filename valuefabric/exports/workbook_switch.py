"""What the switch between scenarios changes in the workbook: ends of ranges, rows of what-ifs, the share of benefits that counts.

The sheet Scenarios has a line for each: its key, which end of every range it takes, and its share of benefits. A row that a
what-if changes has its other figures on that sheet, or its other formula in the row's own cells, behind IF(Scenario="...",
...). All of it stays live: a factor multiplies whatever the assumption is by then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xlsxwriter.utility import xl_rowcol_to_cell

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE
from valuefabric.domain.formulas.spreadsheet_text import cell_formula, number_text
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.computation import RangeEnd
from valuefabric.domain.model.lowering import LoweredRow, lowered
from valuefabric.domain.model.scenarios import HALF, scenario_chain, scenario_label, scenario_of
from valuefabric.domain.model.variation import HALF_BENEFITS, Change
from valuefabric.exports.workbook_layout import FIRST_PERIOD, FIRST_ROW, SCENARIOS, Layout

MOST_SWITCHED = 12  # what-ifs: each may add a branch to a cell, and a cell holds 8,192 characters
LONGEST_BRANCH = 500  # characters of another formula; longer ones are exported by themselves


@dataclass(frozen=True, slots=True)
class Switched:
    """One scenario of the list. ``share`` is what it makes of the share of benefits that counts in the base."""

    key: str
    label: str
    why: str
    end: RangeEnd
    share: Decimal
    document: ModelDocument


@dataclass(frozen=True)
class Switch:
    """The scenarios of one workbook and where their figures stand. Rows and columns count from 0."""

    layout: Layout

    @cached_property
    def scenarios(self) -> tuple[Switched, ...]:
        """Those of the list: the three ends, every benefit halved, and the what-ifs that fit into cells."""
        document = self.layout.document
        ends = (Switched(end, scenario_label(document, end), "", end, ONE, document) for end in ("base", "low", "high"))
        half = Switched(HALF_BENEFITS, scenario_label(document, HALF_BENEFITS), "", "base", HALF, document)
        return (*ends, half, *self._what_ifs)

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The labels of what-ifs that are not in the list."""
        inside = {one.key for one in self.scenarios}
        return tuple(one.label for one in self.layout.document.scenarios if one.key not in inside)

    @cached_property
    def _what_ifs(self) -> tuple[Switched, ...]:
        found = [made for one in self.layout.document.scenarios if (made := self._switched(one.key)) is not None]
        return tuple(found[:MOST_SWITCHED])

    def _switched(self, key: str) -> Switched | None:
        document = self.layout.document
        end, chain = scenario_chain(document, key)
        varied, _ = scenario_of(document, key)
        before, after = (ONE if one.benefits_at is None else one.benefits_at for one in (document, varied))
        if before == 0 or any(len(row.formula or "") > LONGEST_BRANCH for row in varied.rows if row != document.row(row.key)):
            return None  # no share makes something of nothing; and what does not fit is exported by itself
        return Switched(key, chain[-1].label, chain[-1].why, end, ENGINE.divide(after, before), varied)

    @cached_property
    def changed(self) -> Mapping[str, tuple[str, ...]]:
        """For each what-if, the keys of the rows that it changes beyond taking an end of their ranges."""
        return {one.key: tuple(dict.fromkeys(change.row for change in self._changes(one.key))) for one in self._what_ifs}

    @cached_property
    def lines(self) -> Mapping[tuple[str, str], int]:
        """The line of each changed row that has figures in a what-if, below the list of scenarios and the what-if's name."""
        lines, at = {}, FIRST_ROW + len(self.scenarios) + 1
        for one in self._what_ifs:
            given = [key for key in self.changed[one.key] if one.document.row(key).values is not None]
            at += 1 if given else 0
            for key in given:
                lines[one.key, key] = at
                at += 1
            at += 1 if given else 0
        return lines

    def figure(self, scenario: Switched, key: str, period: int) -> str:
        """What a changed row's figure is made of, for its cell on the sheet: the assumption, or another number, times factors."""
        row = self.layout.document.row(key)
        text = "" if row.values is None else self.layout.assumption_at(row, scenario.end, period)
        for change in self._changes(scenario.key):
            if change.row != key:
                continue
            if change.values is not None:
                text = number_text(change.values[period if len(change.values) > 1 else 0])
            elif change.factor is not None:
                text = f"{text}*{number_text(change.factor)}"
        return text

    def branches(self, row: Row, period: int) -> Iterator[tuple[str, str]]:
        """The keys of what-ifs in which a row's cell is made otherwise, with how, before rounding and risk adjustment."""
        for one in self._what_ifs:
            if row.key in self.changed[one.key]:
                yield one.key, self._otherwise(one, row.key, period)

    def _otherwise(self, scenario: Switched, key: str, period: int) -> str:
        made, own = self._lowered[scenario.key][key], scenario.document.row(key)
        cell = f"{SCENARIOS}!{xl_rowcol_to_cell(self.lines[scenario.key, key], FIRST_PERIOD + period)}" if own.values else ""
        if made.tree is None:
            return cell
        lines = self.layout.lines
        return cell_formula(
            made.tree,
            period=period,
            periods=self.layout.periods,
            cell_of=lambda name, at: self.layout.cell(name, at) if name in lines else cell,  # else the row's own figures
            table_of=self.layout.table,
        )

    @cached_property
    def _lowered(self) -> Mapping[str, Mapping[str, LoweredRow]]:
        return {one.key: {row.key: row for row in lowered(one.document)} for one in self._what_ifs}

    def _changes(self, scenario: str) -> Iterator[Change]:
        for step in scenario_chain(self.layout.document, scenario)[1]:
            yield from step.changes
