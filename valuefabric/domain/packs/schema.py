"""What a value pack says: inputs and how people speak of them, drivers with their rows, KPIs, benchmarks, plays.

Percentages are fractions in rows (0.384), and percents in benchmarks and in what people say (38.4); each field says which.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

type Impact = Literal["revenue", "cost", "risk"]
KEY = r"^[a-z][a-z0-9_]*$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cues(_Frozen):
    """The words by which a sentence is known to speak of something; matched at word starts, so `renew` finds "renewals"."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


class InputSpec(_Frozen):
    """An assumption that must come from evidence. `meaning` is what the offline embedding compares sentences with.

    `unit` is `currency` (the deal's), `percent`, or a counted noun such as `tickets/year`; `units` are other nouns for it.
    `record_paths` are places in a CRM record, `aliases` other names in a sheet of drivers.
    """

    label: str
    unit: str
    meaning: str
    units: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    record_paths: tuple[str, ...] = ()
    cues: Cues = Cues()


class RowTemplate(_Frozen):
    """A row of the driver's tree: evidence (`input`) or a formula; rounding in decimals of the row's unit.

    `fallback` is the formula where a row that `formula` names has no evidence.
    `risk_adjusted` rows are multiplied by (1 - the risk adjustment that the evidence asks for), after the rounding of what they
    refer to.
    """

    key: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    label: str
    unit: str
    input: str | None = None
    formula: str | None = None
    fallback: str | None = None
    round: int | None = None
    display_round: int | None = None
    risk_adjusted: bool = False
    role: Literal["benefit", "cost"] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.input is None) == (self.formula is None):
            raise ValueError(f"row {self.key} needs either an input or a formula, not both")
        return self


class PriceSpec(_Frozen):
    """What the customer pays for the offer: one amount for the whole contract, at the first of `record_paths` there is."""

    label: str
    record_paths: tuple[str, ...] = Field(min_length=1)


class TreeText(_Frozen):
    """One branch of the value tree in words: objective, capability, outcome, KPI, financial impact."""

    objective: str
    capability: str
    outcome: str
    kpi: str
    impact: str


class DriverSpec(_Frozen):
    """A row of value: its words, its cues in notes, and its rows. `counted: false` lists it outside the number."""

    key: str = Field(pattern=KEY)
    label: str
    impact: Impact
    kpi: str
    counted: bool = True
    lag_periods: int = 0
    claim: str
    tree: TreeText
    cues: Cues = Cues()
    rows: tuple[RowTemplate, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _counted_has_benefit(self) -> Self:
        benefits = [row.key for row in self.rows if row.role == "benefit"]
        if self.counted and len(benefits) != 1:
            raise ValueError(f"driver {self.key} is counted, so exactly one of its rows must have the role benefit")
        if not self.counted and benefits:
            raise ValueError(f"driver {self.key} is not counted, so none of its rows may have the role benefit")
        return self


class MeasurementPlan(_Frozen):
    """How a KPI will be measured after the sale. `owner` is the role that answers for the figure."""

    source_system: str
    cadence: str
    owner: str


class KpiSpec(_Frozen):
    """A KPI of the one value language. `row` is the model row that shows it; `formula` is that row's, or in words."""

    label: str
    unit: str
    formula: str
    row: str | None = None
    input: str | None = None
    plan: MeasurementPlan


class Benchmark(_Frozen):
    """What comparable companies reach, in the KPI's spoken unit (percents as 38.4). `demo` figures are illustrative."""

    kpi: str
    low: Decimal
    median: Decimal
    high: Decimal
    unit: str
    citation: str
    demo: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.median <= self.high:
            raise ValueError(f"benchmark {self.kpi}: low, median and high must be in this order")
        if self.demo and "illustrative" not in self.citation.lower():
            raise ValueError(f"benchmark {self.kpi}: a demo figure's citation must say that it is illustrative")
        return self


class ExpansionPlay(_Frozen):
    """What to propose when a KPI's actual lies below (or above) its benchmark. `text` has no figures: code adds them."""

    key: str = Field(pattern=KEY)
    label: str
    kpi: str
    when: Literal["below_median", "below_high", "above_median"]
    driver: str
    text: str


class Industry(_Frozen):
    """Which companies a pack is written for."""

    title: str
    naics: tuple[str, ...] = ()


class Pack(_Frozen):
    """A value pack, whole and consistent: every name that one part uses is defined in another."""

    format: Literal["vos.pack/1"]
    key: str = Field(pattern=KEY)
    version: str
    title: str
    description: str
    industry: Industry
    inputs: dict[str, InputSpec]
    price: PriceSpec | None = None
    drivers: tuple[DriverSpec, ...]
    kpis: dict[str, KpiSpec]
    benchmarks: tuple[Benchmark, ...] = ()
    plays: tuple[ExpansionPlay, ...] = ()
    functions: dict[str, tuple[str, ...]] = {}
    pains: tuple[str, ...] = ()

    def driver(self, key: str) -> DriverSpec:
        """The driver of a key. Raises KeyError with the keys there are."""
        for driver in self.drivers:
            if driver.key == key:
                return driver
        raise KeyError(f"the pack {self.key} has no driver {key!r}; it has {', '.join(d.key for d in self.drivers)}")

    def drivers_of_input(self, name: str) -> tuple[DriverSpec, ...]:
        """The drivers whose rows use an input."""
        return tuple(driver for driver in self.drivers if any(row.input == name for row in driver.rows))

    @model_validator(mode="after")
    def _names_are_defined(self) -> Self:
        rows = [row for driver in self.drivers for row in driver.rows]
        _refuse_doubled("row", [row.key for row in rows])
        _refuse_doubled("driver", [driver.key for driver in self.drivers])
        _refuse_unknown("input", [row.input for row in rows if row.input], self.inputs)
        _refuse_unknown("input", [kpi.input for kpi in self.kpis.values() if kpi.input], self.inputs)
        _refuse_unknown("row", [kpi.row for kpi in self.kpis.values() if kpi.row], {row.key for row in rows})
        _refuse_unknown("KPI", [driver.kpi for driver in self.drivers], self.kpis)
        _refuse_unknown("KPI", [benchmark.kpi for benchmark in self.benchmarks], self.kpis)
        _refuse_unknown("KPI", [play.kpi for play in self.plays], self.kpis)
        _refuse_unknown("driver", [play.driver for play in self.plays], {driver.key for driver in self.drivers})
        return self


def _refuse_doubled(what: str, keys: list[str]) -> None:
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise ValueError(f"the {what} {doubled[0]} is defined twice")


def _refuse_unknown(what: str, used: list[str], defined: Collection[str]) -> None:
    unknown = sorted(set(used) - set(defined))
    if unknown:
        raise ValueError(f"the {what} {unknown[0]} is used but not defined")
