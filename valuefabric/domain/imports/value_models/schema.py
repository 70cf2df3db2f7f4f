"""The documents of the standard, as far as a model needs them. Entries that are not named here are extensions, which the standard
allows; they are not read."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

VERSION = "1.0.0"
# The drafts before 1.0.0 had no version of their own; the pages of that time say "1.0".
type Category = Literal["Solution Variable", "Improvement Claim", "Market Variable", "Customer Variable"]
type VariableType = Literal["Money", "Numeric", "Percentage"]

Words = Annotated[str, Field(max_length=5_000)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
JavaScriptName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=100)]
Equation = Annotated[str, Field(max_length=2_000)]


class _Open(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Variable(_Open):
    """An input. A percentage is a whole number: 30 means 30 %."""

    name: JavaScriptName
    display_name: Name
    description: Words = ""
    type: VariableType
    category: Category
    unit: Annotated[str, Field(max_length=100)] = ""
    default_value: Decimal | None = None


class Dependency(_Open):
    """A variable that follows from others."""

    variable: JavaScriptName
    equation: Equation


class Continuity(_Open):
    """Once or every year, with a yearly decay. The drafts called ``type`` ``mode``."""

    type: Literal["one_time", "recurring"] = Field(validation_alias=AliasChoices("type", "mode"))
    annual_decay_rate: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    time_horizon_years: Annotated[int, Field(ge=1, le=100)] | None = None


class ValueDriver(_Open):
    """One source of value: an equation that gives a year's amount of money."""

    name: Name
    category: Words = ""
    subcategory: Words = ""
    equation: Equation
    description: Words = ""
    variables_used: Annotated[tuple[str, ...], Field(max_length=400)] = ()
    continuity_profile: Continuity
    tiers_or_modules: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    key_category_metric: Words = ""
    key_category_metric_equation: Equation = ""


class Tier(_Open):
    """A subscription tier or an add-on module."""

    name: Name
    module: bool = False
    description: Words = ""


class ValueModel(_Open):
    """What a product is worth and by which equations; without a customer's figures."""

    schema_version: str = ""
    model_id: Annotated[str, Field(max_length=200)] = ""
    product_name: Annotated[str, Field(max_length=500)] = ""
    product_description: Words = ""
    variables: Annotated[tuple[Variable, ...], Field(min_length=1, max_length=1_000)]
    dependencies: Annotated[tuple[Dependency, ...], Field(max_length=1_000)] = ()
    value_drivers: Annotated[tuple[ValueDriver, ...], Field(min_length=1, max_length=500)]
    tiers_and_modules: Annotated[tuple[Tier, ...], Field(max_length=200)] = ()


class Estimate(_Open):
    """A customer's figure for a variable."""

    name: str
    value: Decimal
    confidence: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    triangulation_notes: Words = ""


class RiskAdjustments(_Open):
    """What is taken off a driver: a share for risk, then all that is not attributable."""

    execution_risk: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(0)
    attribution_percentage: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(100)
    justification: Words = ""


class Applicability(_Open):
    """Whether a driver counts for a customer."""

    name: str
    selected: bool
    reason: Words = ""
    risk_adjustments: RiskAdjustments = RiskAdjustments()


class CustomerVariables(_Open):
    """A customer's figures for a value model."""

    customer: Annotated[str, Field(min_length=1, max_length=300)]
    variables: Annotated[tuple[Estimate, ...], Field(max_length=1_000)]
    value_drivers: Annotated[tuple[Applicability, ...], Field(max_length=500)]


class Claim(_Open):
    """What a vendor says of an improvement: the middle and the ends, in the variable's unit."""

    variable_name: str
    median: Decimal
    min: Decimal
    max: Decimal
    basis: Literal["customer_data", "third_party_research", "internal_testing", "analyst_estimate", "vendor_estimate"]
    notes: Words = ""


class BenchmarkClaims(_Open):
    """The claims of one value model."""

    model_id: str
    claims: Annotated[tuple[Claim, ...], Field(max_length=1_000)]
