"""On whose behalf a tool is called by a step. A tool's arguments come from a definition, so they cannot say who it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tenants.actors import Actor

_actor: ContextVar[Actor | None] = ContextVar("acting_actor", default=None)


class NobodyActs(PermissionError):
    """The tool acts on somebody's behalf, and was called on nobody's; call it as a step of a workflow."""


@contextmanager
def acting_for(actor: Actor) -> Iterator[None]:
    """Tools that are called inside act with the rights that ``actor`` has now."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def acting() -> Actor:
    """Who it is. Raises NobodyActs."""
    if (actor := _actor.get()) is None:
        raise NobodyActs("This tool acts on a person's behalf. Call it as a step of a workflow that a person has started.")
    return actor
