"""Who reacts to which topic. Handlers run in the relay, in the tenant's context, inside one transaction with their receipt."""

from collections.abc import Callable
from dataclasses import dataclass

from kernel.events.envelope import Envelope

type Handler = Callable[[Envelope], None]


@dataclass(frozen=True)
class Subscription:
    """A named handler of one topic. The name is what receipts are kept under: renaming it delivers anew."""

    topic: str
    name: str
    handler: Handler


_subscriptions: dict[str, Subscription] = {}


def subscribes(topic: str, *, name: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for ``topic``. Names are unique over the whole process."""

    def register(handler: Handler) -> Handler:
        if name in _subscriptions and _subscriptions[name].handler is not handler:
            raise ValueError(f"A subscription named {name!r} exists already.")
        _subscriptions[name] = Subscription(topic, name, handler)
        return handler

    return register


def subscriptions_to(topic: str) -> list[Subscription]:
    """Subscriptions of ``topic`` in a stable order."""
    return sorted((s for s in _subscriptions.values() if s.topic == topic), key=lambda s: s.name)
