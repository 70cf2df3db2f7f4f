"""What a step's inside has done, in the place of the step: so that nobody has to look for an approval in a run inside a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from vos.web.presenters.run_steps import duration_of, kind_of, step_state, summary_of
from vos.web.presenters.runs import run_state
from vos.web.presenters.values import label_of
from workflows.models import Step
from workflows.selectors.parts import Part
from workflows.states import StepState

_QUIET = (StepState.BYPASSED, StepState.CANCELLED)


def parts_shown(parts: Mapping[str, Sequence[Part]]) -> dict[str, list[dict[str, Any]]]:
    """By step: ``[{label, url, state, steps [{name, kind, state, summary, duration, url, approval_url, error, parts}]}]``."""
    return {key: _together(some) for key, some in parts.items()}


def _together(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts that each do something of their own have its name; of those that do the same with other things each has a number."""
    names = {part.execution.name for part in parts}
    return [_part(part, len(parts), by_name=len(names) == len(parts)) for part in parts]


def _part(part: Part, together: int, *, by_name: bool) -> dict[str, Any]:
    run = part.execution
    label = label_of(run.name) if by_name else _("Part %(number)s") % {"number": (run.place or 0) + 1}
    return {
        "label": label if together > 1 else "",
        "url": reverse("web:run", args=[run.public_id]),
        "state": run_state(run),
        "steps": [_step(step, part) for step in part.steps if step.state not in _QUIET],
    }


def _step(step: Step, part: Part) -> dict[str, Any]:
    asks = step.state == StepState.WAITING and step.waiting_kind == "approval"
    inside = part.inside.get(step.key, ())
    request = step.waiting_key if asks else str((step.output or {}).get("request") or "") if step.kind == "approval" else ""
    return {
        "name": step.title,
        "kind": kind_of(step.kind),
        "state": step_state(step),
        "summary": summary_of(step),
        "duration": duration_of(step),
        "url": f"{reverse('web:run', args=[part.execution.public_id])}#step-{step.key}",
        "asks": asks,
        "approval_url": reverse("approvals:detail", args=[request]) if request else "",
        "error": step.error.partition("\n")[0] if step_state(step) == "failed" else "",
        "parts": _together(inside),
    }
