"""What a definition says of its own starts: what starts runs of it, and how many may go at once.

They become rows when the definition is published or installed (``workflows.publishing.declared``); rows that people made by hand
are theirs.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, JsonValue, field_validator, model_validator

from workflows.definition.crontab import crontab_checked
from workflows.definition.parts import Part

type PriorityName = Literal["interactive", "normal", "batch"]


class Limits(Part):
    """At most ``at_once`` runs for each ``key`` (a text with references), and at most ``starts`` in any ``per_seconds``."""

    at_once: int | None = Field(default=None, ge=1, le=1000)
    key: str = Field(default="", max_length=200, description="Runs with the same text share their places; empty: all.")
    starts: int | None = Field(default=None, ge=1, le=1000)
    per_seconds: int | None = Field(default=None, ge=1, le=86_400)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.starts is None) != (self.per_seconds is None):
            raise ValueError("a rate needs both: starts, and per_seconds")
        if self.at_once is None and self.starts is None:
            raise ValueError("say how many runs may go at_once, or how many starts per_seconds")
        if self.key and self.at_once is None:
            raise ValueError("a key says which runs share their places, so it needs at_once beside it")
        return self


class StartTrigger(Part):
    """Base of all kinds. ``inputs`` and ``subject`` may refer to what came; see ``scope``."""

    kind: str
    title: str = Field(default="", max_length=120)
    inputs: Mapping[str, JsonValue] = {}
    subject: str = Field(default="", max_length=200)
    priority: PriorityName | None = None
    most_an_hour: int = Field(default=600, ge=1, le=100_000)

    @property
    def scope(self) -> tuple[str, ...]:
        """What the first part of a reference may be."""
        return ("time",)

    @property
    def given_by_caller(self) -> bool:
        """Whether whoever fires it gives the inputs that it does not set."""
        return False


class EventTrigger(StartTrigger):
    """Fires on an event of ``topic`` whose data contain ``match``."""

    kind: Literal["event"]
    topic: str = Field(max_length=120)
    match: Mapping[str, JsonValue] = {}

    @property
    def scope(self) -> tuple[str, ...]:
        return ("event", "time")


class CronTrigger(StartTrigger):
    """Fires at set times; times that passed unseen are caught up by rule."""

    kind: Literal["cron"]
    crontab: str = Field(max_length=120)
    time_zone: str = Field(default="", max_length=64, description="Such as Europe/Berlin; empty: the tenant's.")
    catch_up: Literal["none", "latest", "all"] = "latest"
    catch_up_most: int = Field(default=10, ge=1, le=100)

    @field_validator("crontab")
    @classmethod
    def _some_time(cls, value: str) -> str:
        return crontab_checked(value)

    @field_validator("time_zone")
    @classmethod
    def _some_zone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone; write one such as Europe/Berlin")
        return value


class WebhookTrigger(StartTrigger):
    """Fires on a signed call from outside."""

    kind: Literal["webhook"]

    @property
    def scope(self) -> tuple[str, ...]:
        return ("body", "delivery", "time")


class CalledTrigger(StartTrigger):
    """Fires when somebody who may start runs calls the API, or fills in its form, and gives the other inputs."""

    kind: Literal["api", "form"]

    @property
    def given_by_caller(self) -> bool:
        return True


type TriggerSpec = Annotated[EventTrigger | CronTrigger | WebhookTrigger | CalledTrigger, Field(discriminator="kind")]
