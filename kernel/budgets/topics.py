"""What budgets tell."""

from decimal import Decimal

from kernel.events.topics import Payload, register_topic

THRESHOLD_PASSED = "budget.threshold_passed"


class ThresholdPassed(Payload):
    """A budget's spending passed a threshold in a window: ``soft``, a share such as ``80%``, or ``refused`` when a call was."""

    scope: str
    window: str
    starts_at: str
    threshold: str
    spent_tokens: int
    spent_money: Decimal
    limit_tokens: int | None
    limit_money: Decimal | None


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    register_topic(THRESHOLD_PASSED, ThresholdPassed)
