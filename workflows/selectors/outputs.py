"""What a step itself gave, whatever people put in its place since."""

from collections.abc import Mapping
from typing import Any

from workflows.models import Step


def own_output(step: Step) -> Mapping[str, Any]:
    """What the step itself gave: undoing needs the names of what it made, which a person's override may not hold."""
    first = step.overrides.order_by("id").first()
    output: Mapping[str, Any] = (first.former_output if first else step.output) or {}
    return output
