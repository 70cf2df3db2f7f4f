"""Steps that run a registered function."""

from collections.abc import Mapping
from typing import Any, cast

from workflows.definition import ComputeStep
from workflows.steps.functions import StepFunction, function_of
from workflows.steps.protocol import PlainHandler, StepRun


class ComputeHandler(PlainHandler):
    """See the module."""

    def prepare(self, run: StepRun) -> Any:
        prepare = _function(run).prepare
        return prepare(run) if prepare else None

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        return _function(run).commit(run, prepared)

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        if compensate := _function(run).compensate:
            compensate(run, output)


def _function(run: StepRun) -> StepFunction:
    return function_of(cast(ComputeStep, run.spec).function)
