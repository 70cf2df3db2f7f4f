"""What a model is: rows by period, with where each came from. Frozen, so that a hash of it means something.

``docs/model-format.md`` describes the same for people who write files.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.figures import Figure, Figures
from valuefabric.domain.formulas.limits import MAX_DECIMALS, MAX_NAME, MAX_TEXT, MIN_DECIMALS
from valuefabric.domain.formulas.parser import RESERVED
from valuefabric.domain.formulas.units import MAX_UNIT, UnitError, parse_unit
from valuefabric.domain.model.expected import Expected

FORMAT: Literal["vos.model/1"] = "vos.model/1"
MAX_ROWS = 1_000
MAX_PERIODS = 120
_FIGURES = ("values", "low", "high")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")

Text = Annotated[str, Field(max_length=500)]
LongText = Annotated[str, Field(max_length=5_000)]
Decimals = Annotated[int, Field(ge=MIN_DECIMALS, le=MAX_DECIMALS)]
Impact = Literal["revenue", "cost", "risk"]
Confidence = Literal["high", "medium", "low"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """Where a row's figures come from. ``reference`` is an evidence id or a citation; ``start`` and ``end`` count characters in
    the evidence's text."""

    kind: Literal["evidence", "benchmark", "published", "convention", "policy", "estimate"]
    reference: Annotated[str, Field(min_length=1, max_length=500)]
    quotation: LongText = ""
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None


class Driver(_Frozen):
    """What moves value. ``counted: false`` keeps it listed and out of every total."""

    key: str
    label: Text
    impact: Impact
    kpi: Text = ""
    counted: bool = True
    note: LongText = ""

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)


class Row(_Frozen):
    """One line of the model: figures given (``values``) or computed (``formula``).

    ``values``, ``low`` and ``high`` are one figure for all periods or one per period; percent figures are fractions (0.384) or
    written ``38.4%``. ``better`` says which end of the range is the favourable one (``lower`` for costs unless stated).
    ``round`` (decimals) is part of the result and comes before ``risk_adjustment``, which takes its share off a benefit and adds
    it to a cost. ``display_round`` changes what is shown and no result. ``kpi`` names the telemetry that measures this row; the
    row's own key does too.
    """

    key: str
    label: Text
    unit: Annotated[str, Field(min_length=1, max_length=MAX_UNIT)]
    driver: str | None = None
    role: Literal["benefit", "cost"] | None = None
    values: Figures | None = None
    formula: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    low: Figures | None = None
    high: Figures | None = None
    better: Literal["higher", "lower"] | None = None
    round: Decimals | None = None
    display_round: Decimals | None = None
    risk_adjustment: Annotated[Figure, Field(ge=0, le=1)] | None = None
    source: Source | None = None
    confidence: Confidence | None = None
    kpi: Text = ""
    note: LongText = ""

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)

    @field_validator("round", "display_round", mode="before")
    @classmethod
    def _decimals_alone(cls, value: Any) -> Any:
        """``{decimals: 3}`` says the same as ``3``."""
        return value["decimals"] if isinstance(value, Mapping) and set(value) == {"decimals"} else value

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.values is None) == (self.formula is None):
            raise ValueError("a row has either values or a formula")
        if self.formula is not None and (self.low is not None or self.high is not None):
            raise ValueError("a range belongs to a row with values; a formula's range follows from its inputs")
        return self

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller figure is the favourable one; for costs, unless the row says otherwise."""
        return (self.better or ("lower" if self.role == "cost" else "higher")) == "lower"

    @property
    def measured_by(self) -> frozenset[str]:
        """The telemetry names that measure this row."""
        return frozenset({self.key, self.kpi} - {""})


class ModelDocument(_Frozen):
    """A whole model. ``expected`` are figures that somebody published for it, to be compared with."""

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

    @field_validator("drivers", "rows", mode="before")
    @classmethod
    def _keyed(cls, value: Any) -> Any:
        """A mapping of keys to entries says the same as a list of entries with keys."""
        if isinstance(value, Mapping):
            return [{"key": key, **entry} if isinstance(entry, Mapping) else entry for key, entry in value.items()]
        return value

    @field_validator("rows")
    @classmethod
    def _one_figure_per_period(cls, rows: tuple[Row, ...], info: ValidationInfo) -> tuple[Row, ...]:
        """A single figure stands for every period; kept spread out, so that both spellings are the same model."""
        periods = len(info.data.get("periods", ()))
        return tuple(_spread(row, periods) for row in rows)

    @field_validator("periods")
    @classmethod
    def _periods_are_names(cls, periods: tuple[str, ...]) -> tuple[str, ...]:
        for period in periods:
            checked_key(period)
        return _unique("period", periods)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _unique("driver", [driver.key for driver in self.drivers])
        _unique("row", [row.key for row in self.rows])
        known = {driver.key for driver in self.drivers}
        if unknown := set(self.period_labels) - set(self.periods):
            raise ValueError(f"period_labels names {sorted(unknown)}, which are not periods")
        for row in self.rows:
            self._check_row(row, known)
        return self

    def _check_row(self, row: Row, drivers: set[str]) -> None:
        if row.driver is not None and row.driver not in drivers:
            raise ValueError(f"row {row.key}: there is no driver '{row.driver}'")
        if row.role is not None and row.unit != self.currency:
            raise ValueError(f"row {row.key}: a {row.role} is money, so its unit must be {self.currency}, not {row.unit}")
        try:
            parse_unit(row.unit, self.conventions.months_per_period)
        except UnitError as error:
            raise ValueError(f"row {row.key}: {error}") from error
        for name in _FIGURES:
            figures: tuple[Decimal, ...] | None = getattr(row, name)
            if figures is not None and len(figures) != len(self.periods):
                raise ValueError(f"row {row.key}: {name} has {len(figures)} figures for {len(self.periods)} periods")
        self._check_range(row)

    def _check_range(self, row: Row) -> None:
        for index, period in enumerate(self.periods):
            low, base, high = (None if figures is None else figures[index] for figures in (row.low, row.values, row.high))
            if base is not None and ((low is not None and low > base) or (high is not None and high < base)):
                raise ValueError(f"row {row.key}, period {period}: low <= base <= high does not hold ({low}, {base}, {high})")

    def row(self, key: str) -> Row:
        """The row of that key; KeyError when there is none."""
        return next((row for row in self.rows if row.key == key), None) or _missing("row", key)

    def driver(self, key: str) -> Driver:
        """The driver of that key; KeyError when there is none."""
        return next((driver for driver in self.drivers if driver.key == key), None) or _missing("driver", key)

    def label_of(self, period: str) -> str:
        """What people call the period: its label, or its key made readable (``y1`` is "Year 1")."""
        if period in self.period_labels:
            return self.period_labels[period]
        words = {"y": "Year", "m": "Month", "q": "Quarter"}
        if period[0] in words and period[1:].isdigit():
            return f"{words[period[0]]} {period[1:]}"
        return period.replace("_", " ").capitalize()


def checked_key(key: str) -> str:
    """``key`` when a formula can name it; raises ValueError."""
    if not _KEY.fullmatch(key) or not key.isascii() or len(key) > MAX_NAME:
        raise ValueError(f"'{key}' is not a key: letters, digits and single underscores, a letter first, at most {MAX_NAME}")
    if key in RESERVED:
        raise ValueError(f"'{key}' is a word of the formula language; choose another key")
    return key


def _spread(row: Row, periods: int) -> Row:
    single = {name: figures * periods for name in _FIGURES if (figures := getattr(row, name)) is not None and len(figures) == 1}
    return row.model_copy(update=single) if single and periods > 1 else row


def _unique[Keys: (tuple[str, ...], list[str])](kind: str, keys: Keys) -> Keys:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"there are two {kind}s '{key}'")
        seen.add(key)
    return keys


def _missing(kind: str, key: str) -> Any:
    raise KeyError(f"the model has no {kind} '{key}'")
