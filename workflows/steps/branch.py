"""Steps that choose the way on."""

from typing import Any, cast

from workflows.definition import BranchCase, BranchStep
from workflows.steps.protocol import Done, PlainHandler, StepRun


class BranchHandler(PlainHandler):
    """The first case that holds is taken, else ``otherwise``, else no way at all."""

    def commit(self, run: StepRun, prepared: Any) -> Done:
        spec, values = cast(BranchStep, run.spec), run.inputs["values"]
        for case, value in zip(spec.cases, values, strict=True):
            expression = case.expression
            if expression.condition(value) if expression else holds(case, value):
                return Done({"taken": case.next, "value": value}, taken=(case.next,))
        return Done({"taken": spec.otherwise}, taken=spec.usual)


def holds(case: BranchCase, value: Any) -> bool:
    """Whether ``value`` compares as the case says. A truth value equals no number, and a text is neither large nor small."""
    if case.equals is not None:
        return _same(value, case.equals)
    if case.one_of is not None:
        return any(_same(value, option) for option in case.one_of)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= case.at_least if case.at_least is not None else value <= (case.at_most or 0.0)


def _same(value: Any, other: Any) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)
