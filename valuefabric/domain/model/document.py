"""What a model is: rows by period, with where each came from. Frozen, so that a hash of it means something.

``docs/model-format.md`` describes the same for people who write files.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.figures import Figure
from valuefabric.domain.formulas.limits import MAX_TABLES
from valuefabric.domain.formulas.tables import Table
from valuefabric.domain.model.document_checks import check_document
from valuefabric.domain.model.driver import Driver, Impact
from valuefabric.domain.model.expected import Expected
from valuefabric.domain.model.frozen import Frozen, LongText, Text, added
from valuefabric.domain.model.keys import checked_key, found, keyed, unique
from valuefabric.domain.model.overlap import Overlap
from valuefabric.domain.model.row import Confidence, Row, Source
from valuefabric.domain.model.timeline import PeriodDates, Timeline, period_dates, period_label
from valuefabric.domain.model.variation import Alternative, NamedScenario
from valuefabric.domain.money.exchange_rate import ExchangeRate
from valuefabric.domain.risk.distribution import Correlation

__all__ = ["FORMAT", "MAX_PERIODS", "MAX_ROWS", "Confidence", "Driver", "Impact", "ModelDocument", "Row", "Source", "checked_key"]

FORMAT: Literal["vos.model/1"] = "vos.model/1"
MAX_ROWS = 1_000
MAX_PERIODS = 120
MAX_ENTRIES = 50  # scenarios, alternatives, overlaps, rates
_FIGURES = ("values", "low", "high")


class ModelDocument(Frozen):
    """A whole model. ``expected`` are figures that somebody published for it, to be compared with.

    ``benefits_at`` is the share of every benefit that counts: 50% asks what is left when all of them are halved.
    """

    format: Literal["vos.model/1"] = FORMAT
    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(min_length=1, max_length=500)]
    source: LongText = ""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    conventions: Conventions
    periods: Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_PERIODS)]
    period_labels: dict[str, Text] = Field(default_factory=dict)
    drivers: tuple[Driver, ...] = ()
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=MAX_ROWS)]
    notes: tuple[LongText, ...] = ()
    expected: Expected | None = None
    timeline: Timeline | None = added()
    rates: tuple[ExchangeRate, ...] = added((), max_length=MAX_ENTRIES)
    tables: tuple[Table, ...] = added((), max_length=MAX_TABLES)
    overlaps: tuple[Overlap, ...] = added((), max_length=MAX_ENTRIES)
    scenarios: tuple[NamedScenario, ...] = added((), max_length=MAX_ENTRIES)
    alternatives: tuple[Alternative, ...] = added((), max_length=MAX_ENTRIES)
    correlations: tuple[Correlation, ...] = added((), max_length=MAX_ROWS)
    benefits_at: Annotated[Figure, Field(ge=0, le=1)] | None = added()

    @field_validator("drivers", "rows", "tables", "overlaps", "scenarios", "alternatives", mode="before")
    @classmethod
    def _keyed(cls, value: Any) -> Any:
        """A mapping of keys to entries says the same as a list of entries with keys."""
        return keyed(value)

    @field_validator("rates", mode="before")
    @classmethod
    def _keyed_by_currency(cls, value: Any) -> Any:
        return keyed(value, "currency")

    @field_validator("rows")
    @classmethod
    def _one_figure_per_period(cls, rows: tuple[Row, ...], info: ValidationInfo) -> tuple[Row, ...]:
        """A single figure stands for every period; kept spread out, so that both spellings are the same model."""
        periods = len(info.data.get("periods", ()))
        return tuple(_spread(row, periods) for row in rows)

    @field_validator("alternatives")
    @classmethod
    def _one_figure_per_period_too(cls, entries: tuple[Alternative, ...], info: ValidationInfo) -> tuple[Alternative, ...]:
        periods = len(info.data.get("periods", ()))
        return tuple(one.model_copy(update={"rows": tuple(_spread(row, periods) for row in one.rows)}) for one in entries)

    @field_validator("periods")
    @classmethod
    def _periods_are_names(cls, periods: tuple[str, ...]) -> tuple[str, ...]:
        for period in periods:
            checked_key(period)
        return unique("period", periods)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_document(self)
        return self

    def row(self, key: str) -> Row:
        """The row of that key; KeyError when there is none."""
        return found("row", key, self.rows)

    def driver(self, key: str) -> Driver:
        """The driver of that key; KeyError when there is none."""
        return found("driver", key, self.drivers)

    @property
    def has_initial_period(self) -> bool:
        """Whether the first column is the moment of the start, before the first period."""
        return self.conventions.initial_period == "undiscounted"

    @property
    def dates(self) -> tuple[PeriodDates, ...]:
        """The days of each column; empty for a model without a start date."""
        if self.timeline is None or self.timeline.start is None:
            return ()
        return period_dates(
            self.timeline.start,
            periods=len(self.periods),
            months=self.conventions.months_per_period,
            initial=self.has_initial_period,
            middle=self.conventions.discounting == "mid_year",
        )

    def label_of(self, period: str) -> str:
        """What people call the period: its label, its date, or its key made readable (``y1`` is "Year 1")."""
        if period in self.period_labels:
            return self.period_labels[period]
        at = self.periods.index(period) if period in self.periods else -1
        if self.timeline is not None and self.dates and at >= self.has_initial_period:
            return period_label(self.timeline, self.dates[at], self.conventions.months_per_period)
        words = {"y": "Year", "m": "Month", "q": "Quarter"}
        if period[0] in words and period[1:].isdigit():
            return f"{words[period[0]]} {period[1:]}"
        return period.replace("_", " ").capitalize()


def _spread(row: Row, periods: int) -> Row:
    single = {name: figures * periods for name in _FIGURES if (figures := getattr(row, name)) is not None and len(figures) == 1}
    return row.model_copy(update=single) if single and periods > 1 else row
