"""Running an agent: ``agent_propose`` does the work, ``agent_apply`` does it to the database, ``agent_compensate`` undoes it."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agents.manifest import Manifest
from agents.registry.selectors import agent_current
from agents.runtime.agent import UNBOUND, Agent, AgentRun, Bounds, Proposal
from agents.runtime.catalog import agent_code
from kernel.capabilities.services import mint
from kernel.guardrails.operation import Limits
from kernel.processes.models import Method, Process
from kernel.processes.selectors import process_get
from kernel.processes.services import (
    ProcessInterrupted,
    ProcessStopped,
    process_change,
    process_checkpoint,
    process_event,
    process_fail,
    process_finish,
    process_run,
    process_start,
    process_wait,
)
from kernel.processes.transitions import State
from kernel.scheduler.policies import Priority
from kernel.stops.checks import Stopped, require_not_stopped
from kernel.stops.work import working_on
from tenants.actors import Actor

type Tell = Callable[[str, Mapping[str, Any]], None]


class AnotherCustomer(PermissionError):
    """The inputs name another customer than the run is about. The agent's rights are for the one; start a run about the other."""


def agent_propose(
    *,
    agent: str,
    inputs: Mapping[str, Any],
    subject: str,
    actor: Actor,
    bounds: Bounds = UNBOUND,
    priority: Priority | None = None,
    started: Callable[[str], None] | None = None,
) -> Proposal:
    """Run ``agent`` up to its proposal, as a process of its own that then waits to be applied.

    ``inputs`` must be JSON-ready; ``subject`` is what the run is about (``customer:<id>``); ``bounds`` narrow its manifest, and
    ``priority`` is the class of its model calls. ``started`` is told the pid before the agent begins to work.
    What the agent raises ends its process with the reason and is raised on, for the workflow to retry or to stop. Raises
    AgentNotAvailable, AnotherCustomer, and Stopped where people have stopped such work: that is no failure, and the step waits.
    """
    require_not_stopped(f"agent:{agent}")
    require_same_customer(inputs, subject)
    manifest, code = bounds.narrowed(agent_current(agent)), agent_code(agent)
    process = _start(manifest, inputs, subject, actor, priority)
    if started is not None:
        started(str(process.pid))
    run = agent_run(manifest, process, actor, subject)
    run.affords = bounds.affords
    try:
        with working_on(f"agent:{agent}"):
            method, content = code.propose(run, inputs)
    except Stopped as stopped:
        # What had come of an answer is kept with it; the step runs the agent anew, as another process, after the release.
        process_change(process, State.KILLED, {"error": str(stopped)[:2000]})
        raise
    except ProcessInterrupted:
        # Somebody stopped or paused it, or it passed a limit. Heard at a checkpoint, its state says so already; heard in the
        # middle of a model's answer, it does so now.
        with contextlib.suppress(ProcessInterrupted):
            process_checkpoint(process=process)
        raise
    except Exception as error:
        process_fail(process=process, error=f"{type(error).__name__}: {error}"[:2000])
        raise
    process_event(process=process, kind="proposed", data={"method": method, "notes": run.notes})
    process_wait(process=process, kind="application")
    if process.has_ended:
        raise ProcessStopped(f"The process is {process.state}: {process.error}")
    return Proposal(manifest.identifier, str(process.pid), method, content, tuple(run.notes))


def agent_apply(
    *, agent: str, proposal: Proposal, inputs: Mapping[str, Any], actor: Actor, bounds: Bounds = UNBOUND
) -> dict[str, Any]:
    """Apply a proposal inside the caller's transaction, and end its process with the result."""
    code, run = _resumed(agent, proposal.process, actor, bounds)
    output = dict(code.apply(run, proposal.content, inputs, proposal.method))
    process = process_run(process=process_get(proposal.process), method=Method(proposal.method))
    process_finish(process=process, result=output)
    return output | {"process": proposal.process, "method": proposal.method}


def agent_compensate(*, agent: str, output: Mapping[str, Any], actor: Actor) -> None:
    """Undo what a former application did, inside the caller's transaction."""
    code, run = _resumed(agent, str(output["process"]), actor)
    code.compensate(run, output)


def require_same_customer(inputs: Mapping[str, Any], subject: str) -> None:
    """Refuse inputs by which an agent would work on a customer that its token does not name. Raises AnotherCustomer."""
    named = inputs.get("customer")
    if named and subject.startswith("customer:") and subject != f"customer:{named}":
        raise AnotherCustomer(f"The run is about {subject}, and its agent is given customer {named}. Start a run about that one.")


def _start(manifest: Manifest, inputs: Mapping[str, Any], subject: str, actor: Actor, priority: Priority | None) -> Process:
    process = process_start(
        agent=manifest.identifier,
        inputs=inputs,
        subject=subject,
        limits=limits_of(manifest),
        actor=actor.identifier,
        priority=priority,
    )
    return process_run(process=process)


def limits_of(manifest: Manifest) -> Limits:
    """What stops a run of the agent, whatever it does."""
    limits = manifest.limits
    return Limits(limits.steps, manifest.budget.tokens, limits.seconds, tool_calls=limits.tool_calls)


def agent_run(manifest: Manifest, process: Process, actor: Actor, subject: str, *, tell: Tell | None = None) -> AgentRun:
    """One run of an agent with a token of its own; ``tell`` is how it speaks where the process's own way does not do."""
    token = mint(
        subject=manifest.identifier,
        rights=[spec.right(subject=subject) for spec in manifest.capabilities],
        expires_at=timezone.now() + timedelta(seconds=manifest.limits.seconds),
        minted_by=actor.identifier,
        process=str(process.pid),
    )
    return AgentRun(manifest, str(process.pid), token, actor, tell or _teller(process), subject)


def _resumed(agent: str, pid: str, actor: Actor, bounds: Bounds = UNBOUND) -> tuple[Agent, AgentRun]:
    # The version that proposed may have been switched off since; what it proposed is applied by the code there is, under a
    # fresh token of the current manifest.
    process = process_get(pid)
    return agent_code(agent), agent_run(bounds.narrowed(agent_current(agent)), process, actor, process.subject)


def _teller(process: Process) -> Tell:
    def tell(kind: str, data: Mapping[str, Any]) -> None:
        """Say something, and learn whether somebody stopped the run or a limit is passed. Sayings are no steps."""
        process_event(process=process, kind=kind, data=data)
        process_checkpoint(process=process)

    return tell
