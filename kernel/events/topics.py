"""Typed topics: each event's payload is a registered pydantic model, checked before it is written."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class Payload(BaseModel):
    """Base of every topic's payload: frozen, and closed against fields nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class UnknownTopic(LookupError):
    """A topic was used that no app registered; register it with ``register_topic`` in the app's ``ready``."""


class PayloadRefused(ValueError):
    """An event's data does not fit its topic; the message names topic and field."""


_topics: dict[str, type[Payload]] = {}


def register_topic(topic: str, payload: type[Payload]) -> None:
    """Declare ``topic``. Declaring it again with another payload is an error; the same one is accepted."""
    if _topics.setdefault(topic, payload) is not payload:
        raise ValueError(f"Topic {topic!r} is registered already, by {_topics[topic].__name__}.")


def topic_names() -> list[str]:
    """All registered topics, sorted."""
    return sorted(_topics)


def validated_data(topic: str, data: Mapping[str, Any] | Payload) -> dict[str, Any]:
    """Return ``data`` as JSON-ready values after checking it against the topic's payload."""
    if topic not in _topics:
        raise UnknownTopic(f"Topic {topic!r} is not registered. Registered are: {', '.join(topic_names())}.")
    try:
        payload = data if isinstance(data, _topics[topic]) else _topics[topic].model_validate(dict(data))
    except ValidationError as error:
        raise PayloadRefused(f"The data does not fit topic {topic!r}: {error}") from error
    return payload.model_dump(mode="json")
