"""Where each piece of an answer passes: the token boundary.

It is the one place at which a call can be told anything while it runs, in this order: that its slot was lost or is wanted back
(``lease.check()``), that its caller wants no answer any more (``interrupted``), and then the caller hears the piece. Whatever is
raised here ends the call, closes the provider's connection, and is settled with what had come until then.
"""

from dataclasses import replace

from kernel.llm.messages import Delta
from kernel.llm.provider import ProviderAnswer, ProviderCall, provider_answer
from kernel.llm.question import Question
from kernel.scheduler.admission import Lease


class Listener:
    """Hears the pieces of one call's answer, the ``attempt``-th of its question, and passes them on."""

    def __init__(self, question: Question, attempt: int) -> None:
        self._question, self._attempt = question, attempt
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What has come so far."""
        return "".join(self._pieces)

    @property
    def listens(self) -> bool:
        """Whether anybody needs the answer in pieces; one that nobody listens to is fetched whole, which costs less."""
        return self._question.on_delta is not None or self._question.interrupted is not None

    def check(self, lease: Lease) -> None:
        """Raise where the slot was lost or the answer is not wanted any more."""
        lease.check()
        self._question.check_wanted()

    def hear(self, piece: str, lease: Lease) -> None:
        """The token boundary; see the module's docstring."""
        self._pieces.append(piece)
        self.check(lease)
        if self._question.on_delta is not None:
            self._question.on_delta(Delta(piece, self._attempt))


def listened(call: ProviderCall, listener: Listener, lease: Lease) -> ProviderAnswer:
    """Make the call, in pieces if anybody listens. While the provider is silent, lease and caller are asked too."""
    call = replace(call, check=lambda: listener.check(lease))
    if not listener.listens:
        return provider_answer(call)
    return provider_answer(call, lambda piece: listener.hear(piece, lease))
