"""Steps that wait for an event. The relay resumes them; the sweeper looks into the outbox again, so that nothing is missed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.utils import timezone

from kernel.events.models import OutboxEvent
from kernel.schemas import current_schema
from workflows.definition import WaitStep
from workflows.steps.protocol import Done, PlainHandler, StepRun, Waiting

EVENT = "event"


class WaitHandler(PlainHandler):
    """See the module."""

    def commit(self, run: StepRun, prepared: Any) -> Done | Waiting:
        if arrived := self.arrived(run):
            return arrived
        spec = cast(WaitStep, run.spec)
        until = timezone.now() + timedelta(days=spec.longest_days) if spec.longest_days else None
        return Waiting(EVENT, spec.event, match=run.inputs, expires_at=until)

    def arrived(self, run: StepRun) -> Done | None:
        spec = cast(WaitStep, run.spec)
        since = run.run_started_at if spec.since == "run" else run.step_started_at
        event = _first_event(spec.event, run.inputs, since)
        if event is None:
            return None
        return Done({"event": str(event.public_id), "occurred_at": event.occurred_at.isoformat(), "data": event.data})


def _first_event(topic: str, match: Mapping[str, Any], since: Any) -> OutboxEvent | None:
    # The schema is named although row-level security sees to it: operators' commands run as the owning role.
    events = OutboxEvent.objects.filter(schema_name=current_schema(), topic=topic, occurred_at__gte=since)
    return events.filter(data__contains=dict(match)).order_by("id").first()
