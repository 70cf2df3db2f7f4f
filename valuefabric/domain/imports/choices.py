"""What a person decides about an import, in place of what was assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

type RoleChoice = Literal["benefit", "cost", "none"]


@dataclass(frozen=True, slots=True)
class Choices:
    """``roles`` by row key; ``discount_rate`` a year's, as a fraction; ``years`` for files that name no periods.

    ``default_currency`` counts only where the file shows none; ``currency`` counts in any case.
    """

    roles: Mapping[str, RoleChoice] = field(default_factory=dict)
    discount_rate: Decimal | None = None
    currency: str = ""
    default_currency: str = "USD"
    title: str = ""
    years: int | None = None


NO_CHOICES = Choices()
