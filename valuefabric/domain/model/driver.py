"""A driver: what moves value, and how its effect comes and goes."""

from typing import Literal

from pydantic import field_validator

from valuefabric.domain.model.frozen import Frozen, LongText, Text, added
from valuefabric.domain.model.keys import checked_key
from valuefabric.domain.model.phase import Phase

Impact = Literal["revenue", "cost", "risk"]


class Driver(Frozen):
    """What moves value. ``counted: false`` keeps it listed and out of every total. The phases are of its benefits."""

    key: str
    label: Text
    impact: Impact
    kpi: Text = ""
    counted: bool = True
    note: LongText = ""
    phase_in: Phase | None = added()
    phase_out: Phase | None = added()

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)
