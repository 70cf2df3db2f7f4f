"""Agents as programs of processes that any worker may take: proposed, and applied in one committed step.

A worker killed before the step has changed nothing, and another proposes again; one killed after it has nothing left to do.
"""

from collections.abc import Callable, Mapping
from typing import Any

from agents.registry.selectors import agent_current
from agents.runtime.agent import AgentRun
from agents.runtime.catalog import agent_code
from agents.runtime.services import agent_run, require_same_customer
from kernel.context.content import Context
from kernel.processes.models import Process
from kernel.processes.programs import ProgramRun
from tenants.actors import Actor
from tenants.roles import Role

PROGRAM = "agent"


def agent_program(run: ProgramRun) -> Mapping[str, Any]:
    """Run the agent that the process's inputs name, and apply what it proposes."""
    if "output" in run.position:
        output: Mapping[str, Any] = run.position["output"]
        return output
    name, inputs = run.inputs["agent"], run.inputs["inputs"]
    require_same_customer(inputs, run.process.subject)
    code, manifest = agent_code(name), agent_current(name)
    acting = agent_run(manifest, run.process, _on_behalf(run.process), run.process.subject, tell=_teller(run))
    method, content = code.propose(acting, inputs)
    return _applied(run, acting, {"method": method, "content": content}, lambda: code.apply(acting, content, inputs, method))


def _applied(
    run: ProgramRun, acting: AgentRun, proposal: Mapping[str, Any], apply: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    run.tell("proposed", {"method": proposal["method"], "notes": acting.notes})
    run.checkpoint()
    Process.objects.filter(pk=run.process.pk).update(method=proposal["method"])
    position: dict[str, Any] = {}
    with run.step(Context(position=position)):
        # Filled in before the step keeps it.
        position["output"] = dict(apply())
    output: Mapping[str, Any] = position["output"]
    return output


def _on_behalf(process: Process) -> Actor:
    """Whoever started it, in the role that was given to it; no role, no rights."""
    role = process.inputs.get("role")
    return Actor(identifier=process.actor, role=Role(role) if role else None, name="VOS")


def _teller(run: ProgramRun) -> Callable[[str, Mapping[str, Any]], None]:
    def tell(kind: str, data: Mapping[str, Any]) -> None:
        run.tell(kind, data)
        run.checkpoint()

    return tell
