"""A whole policy as one checked value: the form in which it is edited, tried out, and kept inside every request. Pure."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from approvals.chains import Chain, Stage
from approvals.hours import Calendar
from approvals.modes import Mode, SecondFactor
from approvals.risk import Rule

VALID_FOR_HOURS = 14 * 24


class Escalation(BaseModel):
    """Whom a stage asks in addition once it has waited ``after_hours`` working hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_hours: int = Field(ge=1, le=2000)
    to: Stage


class Terms(BaseModel):
    """What a policy says. Hours of ``reminders`` and ``escalation`` are working hours of ``calendar``, the others the clock's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain: Chain
    mode: Mode = Mode.IN
    rules: tuple[Rule, ...] = Field(default=(), max_length=50)
    valid_for_hours: int = Field(default=VALID_FOR_HOURS, ge=1, le=10 * 366 * 24)
    object_within_hours: int = Field(default=24, ge=1, le=366 * 24)
    sample_percent: int = Field(default=10, ge=0, le=100)
    reminders: tuple[int, ...] = Field(default=(), max_length=10)
    escalation: Escalation | None = None
    calendar: Calendar | None = None
    second_factor: SecondFactor = SecondFactor.NONE

    @model_validator(mode="after")
    def _reminders_grow(self) -> Self:
        if list(self.reminders) != sorted(set(self.reminders)) or any(hours < 1 for hours in self.reminders):
            raise ValueError("Reminders are working hours after a stage was asked: at least 1, each later than the one before.")
        return self
