"""Calling a model: find a deployment, reserve the budget, wait for a slot, call, settle, record. There is no other path.

The path in its modules: ``sharing`` (is it answered already, or just now?), ``answers`` (until the answer has the wanted form),
``attempts`` (retries that are safe), ``calls`` (one call with its reservation and slot), ``listening`` (where each piece of an
answer passes), ``settlement`` (what it cost).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry import trace
from pydantic import BaseModel

from kernel.llm.answers import answered
from kernel.llm.errors import (
    ModelError,
    NoProviderConfigured,
    NotAdmitted,
    OverBudget,
    ResidencyForbids,
    RetryableModelError,
    TerminalModelError,
)
from kernel.llm.messages import Completion, Delta, Message, OnDelta
from kernel.llm.models import DEFAULT_GROUP
from kernel.llm.question import Affords, Interrupted, Progress, Question
from kernel.llm.sensitivity import Sensitivity
from kernel.llm.sharing import answer_shared
from kernel.llm.typed import Form
from kernel.scheduler.policies import Priority
from kernel.stops.checks import require_not_stopped

__all__ = [
    "Completion",
    "Delta",
    "Message",
    "ModelError",
    "NoProviderConfigured",
    "NotAdmitted",
    "OverBudget",
    "Priority",
    "ResidencyForbids",
    "RetryableModelError",
    "Sensitivity",
    "TerminalModelError",
    "complete",
]

tracer = trace.get_tracer(__name__)


def complete[T: BaseModel](  # noqa: PLR0913 - the one call path; everything but the question has a default
    *,
    messages: Sequence[Message] = (),
    prompt: str = "",
    schema: type[T] | Mapping[str, Any] | None = None,
    group: str = DEFAULT_GROUP,
    scopes: Sequence[str] = (),
    process: str = "",
    purpose: str = "",
    max_output_tokens: int | None = None,
    temperature: float = 0.0,
    on_delta: OnDelta | None = None,
    wait_seconds: float = 60.0,
    priority: Priority = Priority.NORMAL,
    deadline_seconds: float | None = None,
    interrupted: Interrupted | None = None,
    sensitivity: Sensitivity = Sensitivity.CONFIDENTIAL,
    in_house: bool = False,
    prompt_version: str = "",
    shared: bool = True,
    affords: Affords | None = None,
) -> Completion[T]:
    """Ask a model of ``group``: ``messages``, then ``prompt`` as a user's message, if given.

    With ``schema`` (a pydantic model, or a JSON schema, which gives a dict) the answer is parsed; a misfit is sent back to
    the model with the reason, at most twice. ``scopes`` name budgets besides the tenant's (``agent:target``); the first is also
    who shares the tenant's part of the model with its
    others. ``on_delta`` gets the answer as it comes. ``wait_seconds`` bounds the wait for a slot, per call; ``priority`` and
    ``deadline_seconds`` (in which it should begin) count as the group's policy says. ``interrupted`` is asked between waiting and
    calling, while pausing, and at each piece of the answer; the error it returns ends the call and is raised here.
    ``sensitivity`` is the text's classification, which the tenant's residency may forbid to leave the house; ``in_house`` forbids
    it for this call. ``prompt_version`` (``name@version``) goes into the usage record. ``affords`` is asked once a call
    has put aside what it may cost; where it raises OverBudget, that is given back and nobody is called.
    At temperature 0 an answer to the same question of the same tenant is used again, and who asks while another asks gets its
    answer, unless ``shared`` is False or the group's route says otherwise.

    Raises a ModelError: a RetryableModelError (NotAdmitted among them) or a TerminalModelError (OverBudget; NoProviderConfigured,
    and its kind ResidencyForbids, where the caller uses its deterministic method). Raises Stopped where people have stopped such
    work: it has not failed, and is to be put back. Raises RuntimeError inside a transaction, whose locks the call would hold.
    """
    conversation = [*messages, *([Message(role="user", content=prompt)] if prompt else [])]
    if not conversation:
        raise ValueError("There is nothing to ask: give messages or a prompt.")
    question = Question(
        messages=tuple(conversation),
        form=Form.of(schema) if schema else None,
        group=group,
        scopes=tuple(scopes),
        process=process,
        purpose=purpose,
        max_output_tokens=max_output_tokens,
        temperature=temperature,
        on_delta=on_delta,
        wait_seconds=wait_seconds,
        priority=priority,
        deadline_seconds=deadline_seconds,
        interrupted=interrupted,
        sensitivity=Sensitivity(sensitivity),
        in_house=in_house,
        prompt=prompt_version,
        shared=shared,
        affords=affords,
    )
    require_not_stopped(*scopes)  # also before an answer that is kept: who is stopped does not go on with one
    progress = Progress()
    with tracer.start_as_current_span("llm.complete", attributes={"vos.group": group, "vos.purpose": purpose}) as span:
        text = answer_shared(question, progress, lambda asked: answered(asked, progress))
        span.set_attributes(
            {"vos.deployment": progress.deployment, "vos.tokens": progress.used.tokens, "vos.calls": progress.calls}
        )
    parsed: T | None = question.form.parsed(text) if question.form else None
    return Completion(
        text, parsed, progress.counts, progress.used.money, progress.deployment, progress.calls, cached=progress.cached
    )
