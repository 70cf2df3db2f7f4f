"""What can go wrong with a model call, in two kinds: later it may work (retryable), or it will not (terminal).

No message ever holds a key, a prompt or an answer: these go into logs and onto pages.
"""


class ModelError(RuntimeError):
    """A model call did not give a usable answer.

    ``tried_elsewhere`` says whether another deployment is asked, though this one is not asked again: its own setting is at fault
    (key, model, length of the prompt), or it is slow. Only where nothing of an answer was shown.
    """

    tried_elsewhere = False


class RetryableModelError(ModelError):
    """The same call may work later. ``retry_seconds`` is when the provider asked to be called again, if it did.

    ``retried_at_once`` says whether the gateway itself tries again: only where nothing was spent and nothing was shown.
    """

    retried_at_once = False

    def __init__(self, message: str, *, retry_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class RateLimited(RetryableModelError):
    """The provider has had enough requests for now (429)."""

    retried_at_once = True


class ProviderFailed(RetryableModelError):
    """The provider failed on its side (5xx)."""

    retried_at_once = True


class ProviderUnreachable(RetryableModelError):
    """No connection to the provider could be made."""

    retried_at_once = True


class ModelsResting(RetryableModelError):
    """Every model that could answer failed several times of late and is left alone for a while."""

    retried_at_once = True  # elsewhere: a group that stands in may be well


class ModelTimedOut(RetryableModelError):
    """No whole answer came within the deployment's time. It may have been paid for, and is counted as if it was."""

    tried_elsewhere = True


class StreamCut(RetryableModelError):
    """The answer ended in the middle. What had come is not the answer."""


class AnswerUnreadable(RetryableModelError):
    """The provider's reply does not follow its protocol."""


class NotAdmitted(RetryableModelError):
    """No slot on the model came free in time, or it was lost."""


class ModelBusy(NotAdmitted):
    """So many wait for the model that nobody else may; said at once, so that another can be asked."""

    tried_elsewhere = True


class TerminalModelError(ModelError):
    """The same call will fail again: something must be changed first."""


class NoProviderConfigured(TerminalModelError):
    """No model may be called; use the deterministic method. An operator adds deployments in the admin."""


class ResidencyForbids(NoProviderConfigured):
    """There are models, but the text may be sent to none of them; use the deterministic method."""


class OverBudget(TerminalModelError):
    """A budget has too little left for the call; which one, and how much, is its cause (``BudgetExceeded``)."""


class RequestRejected(TerminalModelError):
    """The provider does not accept the call: wrong key, unknown model, too long a prompt. Nothing was spent."""

    tried_elsewhere = True


class ModelRefused(TerminalModelError):
    """The model declined to answer, or its provider filtered the answer."""


class OutputTruncated(TerminalModelError):
    """The answer did not fit into the allowed tokens; allow more, or ask for less."""


class OutputInvalid(TerminalModelError):
    """The answer does not fit the wanted type, even after the model was told what is wrong."""
