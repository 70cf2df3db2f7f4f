"""Where each piece of an answer passes: the token boundary.

It is the one place at which a call can be told anything while it runs, in this order: that its slot was lost or is wanted back
(``lease.check()``), that people have stopped such work or its caller wants no answer any more (``Question.ended``), and then the
caller hears the piece. Whatever is raised here ends the call, closes the provider's connection, and is settled with what had come
until then.
"""

from dataclasses import replace

from kernel.llm.messages import Delta
from kernel.llm.preemption import Stretches
from kernel.llm.provider import ProviderAnswer, ProviderCall, provider_answer
from kernel.llm.question import Question
from kernel.scheduler.admission import Lease, SlotWanted


class Listener:
    """Hears the pieces of one call's answer, the ``attempt``-th of its question, and passes them on."""

    def __init__(self, question: Question, attempt: int, stretches: Stretches) -> None:
        self._question, self._attempt, self._stretches = question, attempt, stretches
        self._pieces: list[str] = []
        # What a worker that is gone had heard already.
        self._unheard = stretches.text
        # Whether the provider has been asked: from then on it may count tokens, also where nothing came.
        self.asked = False

    @property
    def text(self) -> str:
        """What has come so far of this stretch."""
        return "".join(self._pieces)

    @property
    def listens(self) -> bool:
        """Whether the answer must come in pieces; one that nobody listens to is fetched whole, which costs less."""
        return self._question.is_heard or self._stretches.may_yield

    def begin(self, attempt: int) -> None:
        """Another stretch comes. Where the one before it was lost, it is another attempt."""
        self._pieces.clear()
        self.asked = False
        if not self._stretches.text:
            self._attempt = attempt

    def check(self, lease: Lease) -> None:
        """Raise where the slot was lost or is wanted, or the answer is not wanted any more."""
        # A beginning that ends in a blank is refused by some providers, and gone on from with another one by most.
        if not (lease.wanted and self._pieces and self._pieces[-1][-1:].isspace()):
            lease.check()
        self._question.check_wanted()

    def hear(self, piece: str, lease: Lease) -> None:
        """The token boundary; see the module's docstring."""
        self._pieces.append(piece)
        try:
            self.check(lease)
        except SlotWanted:
            self._tell(piece)  # what has come is kept, and goes on after it
            raise
        self._tell(piece)

    def _tell(self, piece: str) -> None:
        if self._question.on_delta is not None:
            self._question.on_delta(Delta(self._unheard + piece, self._attempt))
        self._unheard = ""


def listened(call: ProviderCall, listener: Listener, lease: Lease) -> ProviderAnswer:
    """Make the call, in pieces if anybody listens. While the provider is silent, lease and caller are asked too."""
    call = replace(call, check=lambda: listener.check(lease))
    listener.asked = True
    if not listener.listens:
        return provider_answer(call)
    return provider_answer(call, lambda piece: listener.hear(piece, lease))
