"""Where everything stands in the workbook: decided first, so that any cell can refer to any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from valuefabric.domain.formulas.checking import names_in
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.computation import RangeEnd
from valuefabric.domain.model.counting import Counted, counted, counting_label
from valuefabric.domain.model.helpers import Helper, helpers_of
from valuefabric.domain.model.lowering import LoweredRow, given_figures, given_name, lowered
from valuefabric.domain.model.scenarios import scenario_chain, scenario_document

SUMMARY, MODEL, ASSUMPTIONS, SOURCES, TABLES = "Summary", "Model", "Assumptions", "Sources", "Tables"
SCENARIOS = "Scenarios"
BENEFITS_COUNTED = "BenefitsCounted"  # the share of every benefit, a cell of the summary
FIRST_ROW = 4  # below the title, its subtitle, a gap and the head
FIRST_PERIOD = 3  # after label, key and unit
FLOW_LINES = (
    "benefits", "costs", "net", "years", "factor", "pv_benefits", "pv_costs", "pv_net", "cumulative_discounted",
    "cumulative", "crossing",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Addresses of one document's cells. Rows and columns count from 0."""

    document: ModelDocument

    @property
    def periods(self) -> int:
        return len(self.document.periods)

    @property
    def last_period(self) -> int:
        return FIRST_PERIOD + self.periods - 1

    @property
    def risk_column(self) -> int:
        return self.last_period + 1

    @property
    def total_column(self) -> int:
        return self.last_period + 2

    @property
    def pv_column(self) -> int:
        return self.last_period + 3

    @property
    def formula_column(self) -> int:
        return self.last_period + 4

    @cached_property
    def groups(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """The rows under their drivers' names; those without a driver come last, under none."""
        found = [
            (driver.label, tuple(r for r in self.document.rows if r.driver == driver.key)) for driver in self.document.drivers
        ]
        found.append(
            ("" if not self.document.drivers else "Without a driver", tuple(r for r in self.document.rows if r.driver is None))
        )
        return tuple((label, rows) for label, rows in found if rows)

    @cached_property
    def model_rows(self) -> Mapping[str, int]:
        """The line of each row in the sheet of the model; every named group takes one line for its name."""
        lines, at = {}, FIRST_ROW
        for label, rows in self.groups:
            at += 1 if label else 0
            for row in rows:
                lines[row.key] = at
                at += 1
        return lines

    @cached_property
    def lowered(self) -> Mapping[str, LoweredRow]:
        """Every row as the engine computes it."""
        return {row.key: row for row in lowered(self.document)}

    @cached_property
    def counted(self) -> Counted:
        return counted(self.document)

    @cached_property
    def counting(self) -> Mapping[str, str]:
        """The rows of counting with their labels: computed, and not written by anybody."""
        made = (row.key for row in self.lowered.values() if row.tree is not None and not row.visible)
        return {key: counting_label(self.document, key) for key in made}

    @cached_property
    def helpers(self) -> tuple[Helper, ...]:
        """The inputs that the document implies, where a row needs them."""
        documents = (self.document, *(scenario_document(self.document, one.key) for one in self.document.scenarios))
        trees = [row.tree for document in documents for row in lowered(document) if row.tree is not None]
        used = {key for tree in trees for key, _ in names_in(tree)}
        figures = given_figures(self.document)[PERIOD_NUMBER]
        number = Helper(PERIOD_NUMBER, "Number of the period", "number", figures, "counted from the start")
        return tuple(helper for helper in (number, *helpers_of(self.document)) if helper.key in used)

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of every row: those of the document, then counting, then helpers, each under a name of its own."""
        lines, at = dict(self.model_rows), max(self.model_rows.values()) + 1
        for keys in (self.counting, [helper.key for helper in self.helpers]):
            at += 2 if keys else 0
            for key in keys:
                lines[key] = at
                at += 1
        return lines

    @cached_property
    def flow_rows(self) -> Mapping[str, int]:
        """The lines of the cash flow below the model."""
        start = max(self.lines.values()) + 3
        return {name: start + index for index, name in enumerate(FLOW_LINES)}

    @cached_property
    def grid_row(self) -> int:
        """The line of flows on half periods, which only mid-year discounting after an initial column needs."""
        return self.flow_rows["crossing"] + 1

    @cached_property
    def assumptions(self) -> tuple[Row, ...]:
        return tuple(row for row in self.document.rows if row.values is not None)

    @cached_property
    def assumption_rows(self) -> Mapping[str, int]:
        return {row.key: FIRST_ROW + 1 + index for index, row in enumerate(self.assumptions)}

    def assumption_column(self, end: str, period: int) -> int:
        """``end`` is base, low or high; the three stand beside each other, each by period."""
        return FIRST_PERIOD + ("base", "low", "high").index(end) * self.periods + period

    def cell(self, key: str, period: int) -> str:
        """A row's cell, seen from the model's sheet; of figures that are given, the assumption that the scenario asks for."""
        if key in self.lines:
            return str(xl_rowcol_to_cell(self.lines[key], FIRST_PERIOD + period))
        return self.chosen_assumption(self.document.row(key.removeprefix(given_name(""))), period)

    def chosen_assumption(self, row: Row, period: int) -> str:
        """The assumption's base, or the end of its range that the scenario on the summary asks for."""
        base, low, high = (self.assumption_at(row, end, period) for end in ("base", "low", "high"))
        return base if low == high else f"IF({self.takes('low')},{low},IF({self.takes('high')},{high},{base}))"

    def takes(self, end: RangeEnd) -> str:
        """Whether the chosen scenario takes that end of every range: it is the end itself, or a what-if that begins there."""
        keys = [end, *(one.key for one in self.document.scenarios if scenario_chain(self.document, one.key)[0] == end)]
        tests = [f'Scenario="{key}"' for key in keys]
        return tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"

    def assumption_at(self, row: Row, end: RangeEnd, period: int) -> str:
        """The assumption's cell for an end of the ranges: ``low`` is the unfavourable one, and the base where there is none."""
        other: Mapping[RangeEnd, RangeEnd] = {"base": "base", "low": "high", "high": "low"}
        column = other[end] if row.lower_is_better else end
        known = column == "base" or getattr(row, column) is not None
        return self.assumption(row.key, column if known else "base", period)

    @cached_property
    def table_lines(self) -> Mapping[str, int]:
        """The line of each table's name; its heads and figures follow."""
        lines, at = {}, FIRST_ROW - 1
        for table in self.document.tables:
            lines[table.key] = at
            at += len(table.keys) + 3
        return lines

    def table(self, key: str, column: str) -> tuple[str, str]:
        """The ranges of a table's keys and of a column's figures, seen from any sheet."""
        table = next(table for table in self.document.tables if table.key == key)
        first = self.table_lines[key] + 2
        last = first + len(table.keys) - 1
        place = 1 + (list(table.columns).index(column) if column else 0)
        return f"{TABLES}!{xl_range_abs(first, 0, last, 0)}", f"{TABLES}!{xl_range_abs(first, place, last, place)}"

    def flow(self, name: str, period: int) -> str:
        return str(xl_rowcol_to_cell(self.flow_rows[name], FIRST_PERIOD + period))

    def flow_range(self, name: str, *, absolute: bool = False) -> str:
        return self.line_range(self.flow_rows[name], absolute=absolute)

    def line_range(self, row: int, *, absolute: bool = False) -> str:
        """All periods of one line of the model's sheet."""
        first = xl_rowcol_to_cell(row, FIRST_PERIOD, row_abs=absolute, col_abs=absolute)
        last = xl_rowcol_to_cell(row, self.last_period, row_abs=absolute, col_abs=absolute)
        return f"{first}:{last}"

    def assumption(self, key: str, end: str, period: int) -> str:
        """An assumption's cell, seen from any sheet."""
        return f"{ASSUMPTIONS}!{xl_rowcol_to_cell(self.assumption_rows[key], self.assumption_column(end, period))}"

    def risk(self, key: str) -> str:
        return f"${xl_col_to_name(self.risk_column)}{self.lines[key] + 1}"
