"""Steps that run an agent: it proposes outside the transaction, and what it proposed is applied inside it."""

from collections.abc import Mapping
from typing import Any, cast

from agents.runtime.agent import DETERMINISTIC, UNBOUND, Bounds, Proposal
from agents.runtime.services import agent_apply, agent_compensate, agent_propose
from kernel.processes.selectors import process_get
from kernel.processes.services import TransitionRefused, process_fail
from kernel.scheduler.policies import Priority
from workflows.definition import AgentStep
from workflows.selectors.spending import affords_of
from workflows.steps.protocol import PlainHandler, StepRun
from workflows.steps.unheard import messages_answered


class AgentHandler(PlainHandler):
    """See the module."""

    def prepare(self, run: StepRun) -> Proposal:
        priority = Priority[run.priority.upper()] if run.priority else None
        return agent_propose(
            agent=_agent(run),
            inputs=run.inputs,
            subject=run.subject,
            actor=run.actor,
            bounds=_bounds(run),
            priority=priority,
            started=run.worked_by,
        )

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        proposal = cast(Proposal, prepared)
        output = agent_apply(agent=_agent(run), proposal=proposal, inputs=run.inputs, actor=run.actor, bounds=_bounds(run))
        messages_answered(run, proposal.process, asked_a_model=proposal.method != DETERMINISTIC)
        return output

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        agent_compensate(agent=_agent(run), output=output, actor=run.actor)

    def discard(self, run: StepRun, prepared: Any) -> None:
        try:
            process_fail(process=process_get(prepared.process), error="Another worker took the step, or its run was ended.")
        except TransitionRefused:
            return  # it has ended already


def _bounds(run: StepRun) -> Bounds:
    """What the definition holds the agent to, below its manifest."""
    held = run.spec.constraints
    if held is None:
        return UNBOUND
    rights = None if held.capabilities is None else frozenset((right.action, right.resource) for right in held.capabilities)
    if held.budget is None:
        return Bounds(rights)
    return Bounds(rights, held.budget.tokens, affords_of(run.step_id, held.budget.money_usd))


def _agent(run: StepRun) -> str:
    return cast(AgentStep, run.spec).agent
