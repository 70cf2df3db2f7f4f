"""Signals that a run was sent, as its waiting steps take them: each is taken at most once, the oldest first."""

from django.utils import timezone

from workflows.steps.protocol import Done, StepRun


def signal_taken(run: StepRun, name: str) -> Done | None:
    """Take the oldest signal ``name`` of the run, inside the closing transaction; None if there is none that is not taken.

    One whose payload lacks what the step's ``match`` wants is left for another step.
    """
    from workflows.models import Signal  # models exist only once the apps are loaded

    waiting = Signal.objects.select_for_update().filter(execution__steps=run.step_id, name=name, taken_by_step=None)
    signal = waiting.filter(payload__contains=dict(run.inputs)).order_by("id").first()
    if signal is None:
        return None
    signal.taken_by_step_id, signal.taken_at = run.step_id, timezone.now()
    signal.save(update_fields=["taken_by_step", "taken_at"])
    return Done({"signal": str(signal.public_id), "sent_by": signal.sent_by, "data": signal.payload})
