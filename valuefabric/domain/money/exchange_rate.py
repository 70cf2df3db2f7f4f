"""The rate at which a model converts a currency into its own: the ECB's of a day, or one given with its source."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from valuefabric.domain.formulas.figures import Figure


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"'{text}' is not a day; write it like 2026-03-31") from None


Day = Annotated[str, AfterValidator(_day)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ExchangeRate(BaseModel):
    """``rate`` is what one unit of ``currency`` is worth in the model's currency, with its ``source``. Without one, the ECB's
    reference rate of the day ``date`` is taken, or of the last business day before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: CurrencyCode
    date: Day | None = None
    rate: Annotated[Figure, Field(gt=0)] | None = None
    source: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _dated_or_given(self) -> Self:
        if self.rate is None and self.date is None:
            raise ValueError(f"the rate of {self.currency} needs date: 2026-03-31 (the ECB's of that day), or rate and source")
        if self.rate is not None and not self.source.strip():
            raise ValueError(f"the rate of {self.currency} is a figure of your own, so it needs a source: who gave it, and when")
        return self


class KnownRate(BaseModel):
    """A rate with where it comes from, in words."""

    model_config = ConfigDict(frozen=True)

    currency: str
    into: str
    rate: Decimal
    source: str
