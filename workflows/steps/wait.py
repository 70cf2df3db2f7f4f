"""Steps that wait for an event, a signal, a time, or a condition.

Events and signals resume them by the relay and by whoever sends them; the sweeper looks again, so that nothing is missed.
A condition is looked at whenever the sweeper comes by: after 30 s at first, then after a tenth of the time waited, at most
15 minutes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.utils import timezone

from kernel.events.models import OutboxEvent
from kernel.schemas import current_schema
from workflows.definition import WaitStep
from workflows.expressions import ExpressionFailed, expression_read
from workflows.references import ReferenceUnresolved, look_up
from workflows.steps.functions import function_of
from workflows.steps.protocol import Done, PlainHandler, StepRun, StepTerminal, Waiting
from workflows.steps.signals import signal_taken

EVENT, SIGNAL, TIME, CONDITION = "event", "signal", "time", "condition"


class WaitHandler(PlainHandler):
    """See the module."""

    def commit(self, run: StepRun, prepared: Any) -> Done | Waiting:
        if arrived := self.arrived(run):
            return arrived
        spec = cast(WaitStep, run.spec)
        until = timezone.now() + timedelta(days=spec.longest_days) if spec.longest_days else None
        if spec.event is not None:
            return Waiting(EVENT, spec.event, match=run.inputs, expires_at=until)
        if spec.signal is not None:
            return Waiting(SIGNAL, spec.signal, match=run.inputs, expires_at=until)
        if spec.function is not None:
            return Waiting(CONDITION, spec.function, expires_at=until)
        # It is looked at when it expires, and then the time has come.
        moment = _moment(spec, run)
        return Waiting(TIME, moment.isoformat(), expires_at=moment)

    def arrived(self, run: StepRun) -> Done | None:
        spec = cast(WaitStep, run.spec)
        if spec.event is not None:
            return _event(spec, run)
        if spec.signal is not None:
            return signal_taken(run, spec.signal)
        if spec.function is not None:
            return _condition(spec, run)
        moment = _moment(spec, run)
        return Done({"at": moment.isoformat()}) if moment <= timezone.now() else None


def _moment(spec: WaitStep, run: StepRun) -> datetime:
    """When the time is over. A date is its beginning in UTC."""
    if spec.seconds is not None:
        return run.step_started_at + timedelta(seconds=spec.seconds)
    text = str(run.inputs["at"])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise StepTerminal(f"{text!r} is no date and no time: write 2026-01-31 or 2026-01-31T09:00+01:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _condition(spec: WaitStep, run: StepRun) -> Done | None:
    result = function_of(str(spec.function)).commit(run, None)
    expression = expression_read(str(spec.until))
    try:
        values = {".".join(each.path): look_up(each, {"result": result}) for each in expression.references}
        return Done(result) if expression.condition(values) else None
    except (ExpressionFailed, ReferenceUnresolved) as error:
        raise StepTerminal(str(error)) from error  # looking again would say the same


def _event(spec: WaitStep, run: StepRun) -> Done | None:
    since = run.run_started_at if spec.since == "run" else run.step_started_at
    event = _first_event(str(spec.event), run.inputs, since)
    if event is None:
        return None
    return Done({"event": str(event.public_id), "occurred_at": event.occurred_at.isoformat(), "data": event.data})


def _first_event(topic: str, match: Mapping[str, Any], since: Any) -> OutboxEvent | None:
    # The schema is named although row-level security sees to it: operators' commands run as the owning role.
    events = OutboxEvent.objects.filter(schema_name=current_schema(), topic=topic, occurred_at__gte=since)
    return events.filter(data__contains=dict(match)).order_by("id").first()
