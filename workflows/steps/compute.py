"""Steps that run a registered function, or give the values of expressions."""

from collections.abc import Mapping
from typing import Any, cast

from workflows.definition import ComputeStep
from workflows.expressions import expression_read
from workflows.steps.functions import StepFunction, function_of
from workflows.steps.protocol import PlainHandler, StepRun


class ComputeHandler(PlainHandler):
    """See the module."""

    def prepare(self, run: StepRun) -> Any:
        function = _function(run)
        return function.prepare(run) if function and function.prepare else None

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        function = _function(run)
        return function.commit(run, prepared) if function else _values(run)

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        function = _function(run)
        if function and function.compensate:
            function.compensate(run, output)


def _function(run: StepRun) -> StepFunction | None:
    name = cast(ComputeStep, run.spec).function
    return function_of(name) if name else None


def _values(run: StepRun) -> Mapping[str, Any]:
    spec = cast(ComputeStep, run.spec)
    return {name: expression_read(text).value(run.inputs[name]) for name, text in spec.values.items()}
