"""Steps that emit an event through the outbox, in the transaction that closes them: it is told exactly if the step was done."""

from collections.abc import Mapping
from typing import Any, cast

from kernel.events.services import event_emit
from workflows.definition import EmitStep
from workflows.steps.emittable import emittable_topics
from workflows.steps.protocol import PlainHandler, StepRun, StepTerminal
from workflows.topics import EMITTED


class EmitHandler(PlainHandler):
    """See the module. What was told cannot be untold; ``compensate`` of the step is where a correction is told."""

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        spec = cast(EmitStep, run.spec)
        if spec.topic not in emittable_topics():
            raise StepTerminal(f"A definition may not emit {spec.topic!r}; it may emit {', '.join(emittable_topics())}.")
        event = event_emit(topic=spec.topic, aggregate=run.execution, data=_payload(spec, run), actor=run.actor.identifier)
        return {"event": str(event.public_id), "topic": spec.topic, "name": spec.event}


def _payload(spec: EmitStep, run: StepRun) -> Mapping[str, Any]:
    if spec.topic != EMITTED:
        return run.inputs
    return {"name": spec.event, "execution": run.execution, "subject": run.subject, "data": dict(run.inputs)}
