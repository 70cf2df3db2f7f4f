"""Which errors are worth another try."""

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from kernel.processes.services import ProcessStopped
from workflows.definition.parts import RetryPolicy, RetryRule
from workflows.steps.protocol import StepRetryable, StepTerminal

# Services refuse with these, and their message says what to do: the same call gets the same answer.
_REFUSALS = (
    StepTerminal,
    ValueError,
    TypeError,
    LookupError,
    PermissionError,
    PermissionDenied,
    ObjectDoesNotExist,
    ProcessStopped,
)

LONGEST_ERROR = 4000


def is_retryable(error: Exception) -> bool:
    """Whether trying again may help: connections, deadlocks and everything unknown, but no refusals."""
    return isinstance(error, StepRetryable) or not isinstance(error, _REFUSALS)


def retry_rule(policy: RetryPolicy, error: Exception) -> RetryRule | None:
    """The rule by which an error is tried again: the definition's for its class, else the step's; None for no other try."""
    return policy.rule_for(error) or (policy if is_retryable(error) else None)


def error_text(error: Exception) -> str:
    """The error's message for people; its class name where it has none."""
    return (str(error) or type(error).__name__)[:LONGEST_ERROR]
