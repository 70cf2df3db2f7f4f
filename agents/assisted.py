"""The model-assisted method: one question to the gateway, under the agent's budget, with the outside quoted as data.

Models propose: what comes back is typed, and whoever asks holds every figure and quotation in it against the evidence.
"""

from pydantic import BaseModel

from agents.prompts import agent_prompt
from agents.runtime.agent import AgentRun
from kernel.guardrails import figures_grounded
from kernel.guardrails.figures import figures_in
from kernel.llm.messages import Message
from kernel.llm.selectors import provider_available
from kernel.llm.services import ModelError, NoProviderConfigured, Sensitivity, complete
from kernel.processes.interruptions import interruption_asker
from kernel.processes.output import OutputStream
from kernel.processes.selectors import process_get, process_priority, steering_after


def can_assist(run: AgentRun) -> bool:
    """Whether the agent has a model-assisted method and somebody could answer."""
    return run.manifest.model is not None and provider_available(run.manifest.model.group)


def ask[T: BaseModel](run: AgentRun, schema: type[T], *, sensitivity: Sensitivity, **variables: str) -> T | None:
    """Ask the agent's model group with the agent's prompt; None (and a note) when it cannot be used: code goes on without it.

    ``sensitivity`` is that of the documents which the question is made of: what may not leave the house goes to no model outside.
    What people told the process meanwhile is part of the question. Budget, slot, retries and usage
    are the gateway's. Text streams to the run's page as it comes.
    """
    spec = run.manifest.model
    if spec is None:
        return None
    prompt = agent_prompt(run.manifest.name, spec.prompt).rendered(**variables)
    texts = [prompt.text, *(event.data["message"] for event in steering_after(run.process))]
    messages: list[Message] = [{"role": "user", "content": text} for text in texts]
    process = process_get(run.process)
    try:
        with OutputStream(process) as stream:
            answer = complete(
                messages=messages,
                schema=schema,
                group=spec.group,
                scopes=(f"agent:{run.manifest.name}",),
                process=run.process,
                purpose=run.manifest.name,
                prompt_version=prompt.version,
                max_output_tokens=spec.max_output_tokens,
                on_delta=lambda delta: stream.write(delta.text, delta.attempt),
                priority=process_priority(run.process),
                interrupted=interruption_asker(process),
                sensitivity=sensitivity,
                affords=run.affords,
            )
    except (ModelError, NoProviderConfigured) as error:
        run.notes.append(f"The model could not be used ({error}); the deterministic method's result stands.")
        return None
    run.tell("model", {"deployment": answer.deployment, "tokens": answer.usage.prompt + answer.usage.completion})
    return answer.parsed


def ungrounded_figures(text: str, sources: str) -> list[str]:
    """The figures of ``text`` that ``sources`` do not hold; a model may not bring figures of its own (promise 2)."""
    allowed = [figure.value for figure in figures_in(sources)]
    return [figure.text for figure in figures_grounded(text, allowed).missing]
