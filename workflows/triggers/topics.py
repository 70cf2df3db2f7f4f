"""Events that start runs (``workflows.subscriptions`` hands them over)."""

from kernel.events.envelope import Envelope
from kernel.events.topics import topic_names
from workflows.models import Execution
from workflows.topics import EMITTED
from workflows.triggers.models import Kind, Trigger
from workflows.triggers.services.firing import Cause, trigger_fire

# Steps move too often, and what a run does on its way is its own affair; how runs end, and what they say, may start others.
_ENDS = frozenset({"workflow.completed", "workflow.cancelled", "workflow.rolled_back", "workflow.stuck", EMITTED})
LONGEST_CHAIN = 8


def topics_offered() -> list[str]:
    """The topics that a trigger may name, sorted."""
    return [topic for topic in topic_names() if not topic.startswith("workflow.") or topic in _ENDS]


def triggers_fire(event: Envelope) -> None:
    """Fire the triggers that listen for an event of this topic with these data. Inside the transaction of the receipt."""
    mine = Trigger.objects.filter(kind=Kind.EVENT, enabled=True, topic=event.topic, match__contained_by=event.data)
    for trigger in mine.order_by("pk"):
        data = {"id": event.id, "topic": event.topic, "aggregate": event.aggregate, "data": event.data}
        data["occurred_at"] = event.occurred_at.isoformat()
        cause = Cause({"event": event.id, "topic": event.topic, "aggregate": event.aggregate}, {"event": data})
        trigger_fire(trigger=trigger, key=event.id, cause=cause, refused=_circle(trigger, event))


def _circle(trigger: Trigger, event: Envelope) -> str:
    """Why the trigger must not fire: a run that it started itself has led to this event, or the chain is too long already."""
    aggregate = event.aggregate
    for _link in range(LONGEST_CHAIN):
        kind, _colon, public_id = aggregate.partition(":")
        run = Execution.objects.filter(public_id=public_id).first() if kind == "execution" else None
        if run is None or not run.trigger.startswith("trigger:"):
            return ""
        if run.trigger == trigger.reference:
            return "The event comes of a run that this trigger started; it would start itself for ever."
        firing = run.firings.order_by("id").first()
        aggregate = firing.cause.get("aggregate", "") if firing else ""
    return f"{LONGEST_CHAIN} runs have started each other already; no further one is started."
