"""The kinds of steps that do one thing: agent, tool, compute, approval, branch, wait, emit."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, JsonValue, model_validator

from workflows.definition.parts import DottedName, Key, Part, Scalar
from workflows.definition.step import Step, StepWithInputs
from workflows.expressions import RunExpression, expression_read


class AgentStep(StepWithInputs):
    """An agent of the registry proposes and applies."""

    kind: Literal["agent"]
    agent: Key


class ToolStep(StepWithInputs):
    """A tool of the registry is called, with a token for what ``constraints.capabilities`` say and nothing else.

    ``approval`` names the request by which people allowed exactly this call, where one is needed.
    """

    kind: Literal["tool"]
    tool: DottedName
    approval: str = ""

    @property
    def template(self) -> Mapping[str, Any]:
        return {"arguments": self.inputs, "approval": self.approval}


class ComputeStep(StepWithInputs):
    """A registered function runs (see ``workflows.steps.functions``), or expressions give values."""

    kind: Literal["compute"]
    function: DottedName | None = None
    values: Mapping[Key, str] = {}

    @model_validator(mode="after")
    def _function_or_values(self) -> Self:
        if (self.function is None) == (not self.values):
            raise ValueError("give exactly one of function, values")
        if self.values and self.inputs:
            raise ValueError("values name what they need by reference, so inputs have no place beside them")
        return self

    @property
    def template(self) -> Mapping[str, Any]:
        return {name: expression_read(text).template for name, text in self.values.items()} or self.inputs

    @property
    def expressions(self) -> Mapping[str, str]:
        return {f"values.{name}": text for name, text in self.values.items()}


TOOL_CALL = "tool.call"


class ApprovalStep(Step):
    """People decide. Without ``rejected`` a refusal fails the step with their reason.

    With ``tool`` they decide on one call with exactly these ``arguments``, which a later step of kind ``tool`` makes with the
    request as its ``approval``; where the tenant has a policy that lets the tool go, nobody is asked. Nor is anybody asked about
    an action that people do at once until the tenant writes a policy for it, where there is none.
    """

    kind: Literal["approval"]
    action: str = ""
    subject: str = ""
    tool: DottedName | None = None
    arguments: Mapping[str, JsonValue] = {}
    rejected: Key | None = None

    @model_validator(mode="after")
    def _action_or_tool(self) -> Self:
        if self.tool is not None and (self.action or self.subject):
            raise ValueError("a tool is what is asked about, so action and subject have no place beside it")
        if self.tool is None and not (self.action and self.subject):
            raise ValueError("say which action on which subject is asked about, or which tool")
        return self

    @property
    def asks_for(self) -> str:
        """The action that people approve."""
        return TOOL_CALL if self.tool is not None else self.action

    @property
    def template(self) -> Mapping[str, Any]:
        return {"subject": self.subject, "arguments": self.arguments}

    @property
    def targets(self) -> tuple[str, ...]:
        return self.next + ((self.rejected,) if self.rejected else ())


class WaitStep(Step):
    """Something is waited for: exactly one of ``event``, ``signal``, ``seconds``, ``at``, ``function`` with ``until``.

    An event is one of this tenant, of that topic, whose data contain ``match``; ``since`` says from when on it counts: the run's
    start, or the beginning of the wait. A signal is sent to this run by name. A function is asked again and again until the
    expression holds, in which its output is ``${result.<name>}``.
    """

    kind: Literal["wait"]
    event: str | None = None
    match: Mapping[str, JsonValue] = {}
    since: Literal["run", "step"] = "run"
    signal: Key | None = None
    seconds: float | None = Field(default=None, gt=0, le=3650 * 86_400)
    at: str | None = Field(default=None, description="A date or a time with zone (ISO 8601), usually a reference.")
    function: DottedName | None = None
    inputs: Mapping[str, JsonValue] = {}
    until: str | None = None
    longest_days: float | None = Field(default=None, gt=0, le=3650)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        ways = {"event": self.event, "signal": self.signal, "seconds": self.seconds, "at": self.at, "function": self.function}
        if len([way for way in ways.values() if way is not None]) != 1:
            raise ValueError(f"give exactly one of {', '.join(ways)}")
        if (self.function is None) != (self.until is None):
            raise ValueError("until says what the output of function must be; give both, or neither")
        return self

    @property
    def template(self) -> Mapping[str, Any]:
        if self.at is not None:
            return {"at": self.at}
        return self.inputs if self.function else self.match


class EmitStep(Step):
    """An event is written to the outbox, in the step's transaction.

    Only topics that nobody takes for a statement of the product may be emitted; ``workflow.emitted`` is free for any name.
    """

    kind: Literal["emit"]
    event: str = Field(description="The name by which waits and triggers match it: workflow.emitted carries it.", max_length=120)
    topic: str = "workflow.emitted"
    data: Mapping[str, JsonValue] = {}

    @property
    def template(self) -> Mapping[str, Any]:
        return self.data


class BranchCase(Part):
    """One way out of a branch: taken when the expression ``when`` holds, or compares as the one comparison beside it says."""

    when: str
    next: Key
    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = [value for value in (self.equals, self.one_of, self.at_least, self.at_most) if value is not None]
        if len(given) > 1:
            raise ValueError("give at most one of equals, one_of, at_least, at_most")
        return self

    @property
    def expression(self) -> RunExpression | None:
        """The condition, where no comparison stands beside it. Raises ExpressionInvalid."""
        compared = [value for value in (self.equals, self.one_of, self.at_least, self.at_most) if value is not None]
        return None if compared else expression_read(self.when)


class BranchStep(Step):
    """The first case that holds is the way on; else ``otherwise``."""

    kind: Literal["branch"]
    cases: tuple[BranchCase, ...] = Field(min_length=1)
    otherwise: Key | None = None

    @model_validator(mode="after")
    def _cases_say_next(self) -> Self:
        if self.next:
            raise ValueError("a branch has no next of its own: its cases and otherwise say where it leads")
        return self

    @property
    def template(self) -> Mapping[str, Any]:
        expressions = [(case, case.expression) for case in self.cases]
        return {"values": [case.when if read is None else read.template for case, read in expressions]}

    @property
    def expressions(self) -> Mapping[str, str]:
        cases = enumerate(self.cases)
        compared = ("equals", "one_of", "at_least", "at_most")
        return {f"cases.{at}.when": case.when for at, case in cases if all(getattr(case, name) is None for name in compared)}

    @property
    def targets(self) -> tuple[str, ...]:
        ways = [case.next for case in self.cases] + ([self.otherwise] if self.otherwise else [])
        return tuple(dict.fromkeys(ways))

    @property
    def usual(self) -> tuple[str, ...]:
        return (self.otherwise,) if self.otherwise else ()
