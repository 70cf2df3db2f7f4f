"""An answer in stretches: a call yields its slot in the middle, keeps what it has, and goes on later, here or on another worker.

Who yields settles what it used, keeps conversation and partial answer as a context snapshot of its process, and waits for a slot
again. A deployment that continues an assistant's message goes on where the text stood, and nobody sees the seam. Others begin
anew, once at most; what they had is lost, and the usage record says so (``RESTARTED``).
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from kernel.context.models import ContextSnapshot
from kernel.context.selectors import snapshots_of
from kernel.context.services import snapshot_take
from kernel.llm.messages import Message, tokens_at_most
from kernel.llm.models import Continuation, ModelDeployment, OutputMode, Preemption
from kernel.llm.question import Question
from kernel.llm.selectors import group_policy
from kernel.scheduler.policies import Priority

MOST_YIELDS = 3
MOST_RESTARTS = 1
REASON = "preempted"
STOPPED = "stopped"
GONE_ON = "preempted, gone on from"
# Outcomes in usage records. All of a restarted stretch is waste; of a kept one, the prompt was paid for once more.
KEPT = "preempted"
RESTARTED = "preempted, begun anew"


@dataclass
class Stretches:
    """One call's answer. ``text`` is what earlier stretches brought and is kept; ``asked`` and ``most`` are of the next one."""

    question: Question
    deployment: ModelDeployment
    messages: list[Message]
    most_output_tokens: int
    text: str = ""
    yields: int = 0
    restarts: int = 0
    snapshots: list[int] = field(default_factory=list)

    @classmethod
    def begin(cls, question: Question, deployment: ModelDeployment, messages: list[Message], most: int) -> "Stretches":
        """From the beginning, or from where a worker that is gone had come on behalf of the same process."""
        stretches = cls(question, deployment, messages, most)
        found = _snapshot_of(question.process, stretches._name) if question.process and stretches._continues else None
        if found is not None:
            stretches.text, stretches.yields = found.partial_output, int(found.position["yields"])
            stretches.snapshots = [found.pk]
        return stretches

    @property
    def asked(self) -> list[Message]:
        """What is sent now: the conversation, and the answer's beginning for the model to go on from."""
        if not self.text:
            return self.messages
        begun: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.deployment.continues == Continuation.PREFIX:
            begun["prefix"] = True  # litellm's, Mistral's and DeepSeek's word for it
        return [*self.messages, begun]  # type: ignore[list-item]  # a message as some providers know it

    @property
    def extra(self) -> dict[str, Any]:
        """What vLLM must be told besides, or it would take the beginning for a finished message."""
        if self.text and self.deployment.continues == Continuation.FINAL_MESSAGE:
            return {"continue_final_message": True, "add_generation_prompt": False}
        return {}

    @property
    def prompt_tokens(self) -> int:
        """A careful estimate of what is sent now."""
        return tokens_at_most(self.asked)

    @property
    def most(self) -> int:
        """How many tokens the rest may have."""
        return max(self.most_output_tokens - len(self.text.encode()) // 3, 1)

    @property
    def may_yield(self) -> bool:
        """Whether this stretch may be told to make room for a higher class."""
        if self.question.priority is Priority.INTERACTIVE or self.yields >= MOST_YIELDS:
            return False
        # Only what comes in pieces can stop between two; what nobody hears does that for the sake of others, if it is batch.
        if not self.question.is_heard and self.question.priority is not Priority.BATCH:
            return False
        allowed = group_policy(self.deployment.group).preemption
        if self._continues:
            return allowed != Preemption.NEVER
        return allowed == Preemption.ALWAYS and self.restarts < MOST_RESTARTS

    def keep(self, heard: str) -> str:
        """This stretch ends in the middle, after ``heard``. Returns the outcome for its usage record."""
        self.yields += 1
        if not self._continues:
            self.restarts += 1
            self._take(self.text + heard)
            return RESTARTED
        self.text += heard
        self._take(self.text)
        return KEPT

    def stopped(self, heard: str) -> None:
        """People stopped such work, after ``heard``: it is kept, and gone on from after the release where that can be done."""
        if self.text or heard:
            self._take(self.text + heard, STOPPED)

    def finished(self) -> None:
        """The answer is whole: nobody is to go on from what was kept on the way."""
        if self.snapshots:
            ContextSnapshot.objects.filter(pk__in=self.snapshots).update(reason=GONE_ON)

    @property
    def _continues(self) -> bool:
        # A form that the provider enforces would begin anew with the continuation, in the middle of an object.
        enforced = self.question.form is not None and self.deployment.output_mode != OutputMode.TEXT
        return self.deployment.continues != Continuation.NO and not enforced

    @property
    def _name(self) -> str:
        """What the answer depends on: another conversation, or another model, is not gone on from."""
        content = [self.deployment.model, self.messages, self.most_output_tokens, self.question.temperature]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _take(self, partial: str, reason: str = REASON) -> None:
        if not self.question.process:
            return  # nobody could come and go on
        position = {"call": self._name, "characters": len(partial), "yields": self.yields, "restarts": self.restarts}
        taken = snapshot_take(
            process=self.question.process,
            messages=self.messages,
            partial_output=partial,
            position=position,
            reason=reason,
        )
        self.snapshots.append(taken.pk)


def _snapshot_of(process: str, name: str) -> ContextSnapshot | None:
    """The newest that was taken of this very call and not gone on from."""
    taken = snapshots_of(process).filter(reason__in=[REASON, STOPPED])
    return next((one for one in taken if one.position.get("call") == name), None)
