"""Where everything stands in the workbook: decided first, so that any cell can refer to any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from valuefabric.domain.model import ModelDocument, Row

SUMMARY, MODEL, ASSUMPTIONS, SOURCES = "Summary", "Model", "Assumptions", "Sources"
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
    def flow_rows(self) -> Mapping[str, int]:
        """The lines of the cash flow below the model."""
        start = max(self.model_rows.values()) + 3
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
        """A model row's cell, seen from the model's sheet."""
        return str(xl_rowcol_to_cell(self.model_rows[key], FIRST_PERIOD + period))

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
        return f"${xl_col_to_name(self.risk_column)}{self.model_rows[key] + 1}"
