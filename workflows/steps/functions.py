"""The functions that steps of kind ``compute`` can name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.definition.constraints import Audience
from workflows.steps.protocol import StepRun

type Prepare = Callable[[StepRun], Any]
type Commit = Callable[[StepRun, Any], Mapping[str, Any]]
type Compensate = Callable[[StepRun, Mapping[str, Any]], None]
type DependsOn = str | Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class StepFunction:
    """A named function of the product. ``prepare`` is for slow work; ``commit`` writes, in the step's transaction.

    ``depends_on`` names what ``prepare`` calls outside our database (``connector:salesforce``, or made of the inputs): its
    breaker then holds it back while it is down. Only ``prepare`` may leave the system, because only that is guarded.
    ``audience`` is whom it gives something to, where it does: a step held to a narrower circle does not call it.
    """

    name: str
    commit: Commit
    prepare: Prepare | None = None
    compensate: Compensate | None = None
    depends_on: DependsOn = ""
    audience: Audience | None = None

    def __post_init__(self) -> None:
        if self.depends_on and self.prepare is None:
            raise ValueError(f"{self.name} depends on something outside, so what calls it belongs into prepare.")


class UnknownFunction(LookupError):
    """A step names a function that nobody registered."""


_functions: dict[str, StepFunction] = {}


def register_function(function: StepFunction) -> None:
    """Declare ``function``. Another one under the same name is an error; the same one again is accepted."""
    if _functions.setdefault(function.name, function) is not function:
        raise ValueError(f"A step function {function.name!r} is registered already.")


def function_of(name: str) -> StepFunction:
    """The function of this name. Raises UnknownFunction."""
    if name not in _functions:
        raise UnknownFunction(f"There is no step function {name!r}. There are: {', '.join(function_names()) or 'none'}.")
    return _functions[name]


def function_names() -> list[str]:
    """All names, sorted."""
    return sorted(_functions)
