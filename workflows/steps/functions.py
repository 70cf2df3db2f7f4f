"""The functions that steps of kind ``compute`` can name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.steps.protocol import StepRun

type Prepare = Callable[[StepRun], Any]
type Commit = Callable[[StepRun, Any], Mapping[str, Any]]
type Compensate = Callable[[StepRun, Mapping[str, Any]], None]


@dataclass(frozen=True)
class StepFunction:
    """A named function of the product. ``prepare`` is for slow work; ``commit`` writes, in the step's transaction."""

    name: str
    commit: Commit
    prepare: Prepare | None = None
    compensate: Compensate | None = None


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
