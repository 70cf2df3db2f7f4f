"""A row of a model: figures given or computed, what becomes of them on the way into the number, and where they come from."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from valuefabric.domain.formulas.figures import Figure, Figures
from valuefabric.domain.formulas.limits import MAX_DECIMALS, MAX_TEXT, MIN_DECIMALS
from valuefabric.domain.formulas.units import MAX_UNIT
from valuefabric.domain.model.frozen import Frozen, LongText, Text, added
from valuefabric.domain.model.keys import checked_key
from valuefabric.domain.model.phase import Phase
from valuefabric.domain.model.recurrence import Escalation, Timing
from valuefabric.domain.model.share import Share
from valuefabric.domain.money.exchange_rate import CurrencyCode
from valuefabric.domain.risk.distribution import Distribution

Decimals = Annotated[int, Field(ge=MIN_DECIMALS, le=MAX_DECIMALS)]
Confidence = Literal["high", "medium", "low"]


class Source(Frozen):
    """Where a row's figures come from. ``reference`` is an evidence id or a citation; ``start`` and ``end`` count characters in
    the evidence's text."""

    kind: Literal["evidence", "benchmark", "published", "convention", "policy", "estimate"]
    reference: Annotated[str, Field(min_length=1, max_length=500)]
    quotation: LongText = ""
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None


class Row(Frozen):
    """One line of the model: figures given (``values``) or computed (``formula``).

    ``values``, ``low`` and ``high`` are one figure for all periods or one per period; percent figures are fractions (0.384) or
    written ``38.4%``. ``better`` says which end of the range is the favourable one (``lower`` for costs unless stated).
    ``round`` (decimals) is part of the result and comes before ``risk_adjustment``, which takes its share off a benefit and adds
    it to a cost. ``display_round`` changes what is shown and no result. ``kpi`` names the telemetry that measures this row; the
    row's own key does too.

    Between the figures and the rounding come, each a factor: ``convert`` (the figures are in this currency, the result in the
    model's), ``escalation``, ``timing``, the phases (a benefit's driver has some too; the row's own take their place),
    ``attribution`` and ``probability``, and the timeline's contract unless ``outside_contract``.

    ``risk_adjusted_by`` names the row whose share the formulas of a benefit already take off for risk; it changes no figure.
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
    convert: CurrencyCode | None = added()
    escalation: Escalation | None = added()
    timing: Timing | None = added()
    phase_in: Phase | None = added()
    phase_out: Phase | None = added()
    attribution: Share | None = added()
    probability: Share | None = added()
    outside_contract: bool = added(default=False)
    risk_adjusted_by: str | None = added()
    distribution: Distribution | None = added()

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)

    @field_validator("round", "display_round", mode="before")
    @classmethod
    def _decimals_alone(cls, value: Any) -> Any:
        """``{decimals: 3}`` says the same as ``3``."""
        return value["decimals"] if isinstance(value, Mapping) and set(value) == {"decimals"} else value

    @field_validator("escalation", mode="before")
    @classmethod
    def _rate_alone(cls, value: Any) -> Any:
        """``3%`` says the same as ``{rate: 3%}``."""
        return value if value is None or isinstance(value, Mapping | Escalation) else {"rate": value}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.values is None) == (self.formula is None):
            raise ValueError("a row has either values or a formula")
        if self.formula is not None and (self.low is not None or self.high is not None):
            raise ValueError("a range belongs to a row with values; a formula's range follows from its inputs")
        if self.formula is not None and self.distribution is not None:
            raise ValueError("a distribution belongs to a row with values; a formula's follows from its inputs")
        return self

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller figure is the favourable one; for costs, unless the row says otherwise."""
        return (self.better or ("lower" if self.role == "cost" else "higher")) == "lower"

    @property
    def measured_by(self) -> frozenset[str]:
        """The telemetry names that measure this row."""
        return frozenset({self.key, self.kpi} - {""})
