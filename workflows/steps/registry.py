"""Kinds of steps by name."""

from workflows.steps.protocol import StepHandler


class UnknownKind(LookupError):
    """A step is of a kind that nobody handles; register its handler in ``AppConfig.ready``."""


_handlers: dict[str, StepHandler] = {}


def register_kind(kind: str, handler: StepHandler) -> None:
    """Declare who handles steps of ``kind``. Another one for the same kind is an error."""
    if _handlers.setdefault(kind, handler) is not handler:
        raise ValueError(f"Steps of kind {kind!r} have a handler already.")


def handler_of(kind: str) -> StepHandler:
    """The handler of a kind. Raises UnknownKind."""
    if kind not in _handlers:
        raise UnknownKind(f"Nobody handles steps of kind {kind!r}. There are: {', '.join(sorted(_handlers)) or 'none'}.")
    return _handlers[kind]
