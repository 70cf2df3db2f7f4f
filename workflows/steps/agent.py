"""Steps that run an agent: it proposes outside the transaction, and what it proposed is applied inside it."""

from collections.abc import Mapping
from typing import Any, cast

from agents.runtime.agent import Proposal
from agents.runtime.services import agent_apply, agent_compensate, agent_propose
from kernel.processes.selectors import process_get
from kernel.processes.services import TransitionRefused, process_fail
from workflows.definition import AgentStep
from workflows.steps.protocol import PlainHandler, StepRun


class AgentHandler(PlainHandler):
    """See the module."""

    def prepare(self, run: StepRun) -> Proposal:
        return agent_propose(agent=_agent(run), inputs=run.inputs, subject=run.subject, actor=run.actor)

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        return agent_apply(agent=_agent(run), proposal=cast(Proposal, prepared), inputs=run.inputs, actor=run.actor)

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        agent_compensate(agent=_agent(run), output=output, actor=run.actor)

    def discard(self, run: StepRun, prepared: Any) -> None:
        try:
            process_fail(process=process_get(prepared.process), error="Another worker took the step, or its run was ended.")
        except TransitionRefused:
            return  # it has ended already


def _agent(run: StepRun) -> str:
    return cast(AgentStep, run.spec).agent
