"""Calling a model: find a deployment, reserve the budget, wait for a slot, call, settle, record. There is no other path."""

import logging
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from opentelemetry import trace
from pydantic import BaseModel

from kernel.budgets.models import Reservation
from kernel.budgets.services import BudgetExceeded, Used, budget_reserve, reservation_release, reservation_settle
from kernel.llm.backoff import backoff_seconds
from kernel.llm.errors import (
    ModelError,
    ModelRefused,
    ModelTimedOut,
    NoProviderConfigured,
    NotAdmitted,
    OutputInvalid,
    OutputTruncated,
    OverBudget,
    RateLimited,
    RetryableModelError,
    StreamCut,
    TerminalModelError,
)
from kernel.llm.messages import Completion, Delta, Message, OnDelta, TokenCounts, tokens_at_most
from kernel.llm.models import DEFAULT_GROUP, ModelDeployment
from kernel.llm.provider import ProviderAnswer, ProviderCall, provider_answer
from kernel.llm.queues import queue_name, queue_request, queue_rules
from kernel.llm.selectors import deployments_available
from kernel.llm.typed import DoesNotFit, parsed_output, response_format, with_complaint, with_schema
from kernel.scheduler.admission import AdmissionError, Heard, Lease, ProviderStopped, Rules, admission_observe, admitted
from kernel.scheduler.policies import Priority

__all__ = [
    "Completion",
    "Delta",
    "Message",
    "ModelError",
    "NoProviderConfigured",
    "NotAdmitted",
    "OverBudget",
    "Priority",
    "RetryableModelError",
    "TerminalModelError",
    "complete",
]

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

MOST_CALLS = 3
MOST_REPAIRS = 2
# Errors after which the provider may well have spent tokens that it did not report.
_MAYBE_SPENT = (ModelTimedOut, StreamCut, ModelRefused, OutputTruncated)


@dataclass
class _Run:
    """One ``complete``: what was asked, and what its calls have used together."""

    schema: type[BaseModel] | None
    group: str
    scopes: tuple[str, ...]
    process: str
    purpose: str
    max_output_tokens: int | None
    temperature: float
    on_delta: OnDelta | None
    wait_seconds: float
    priority: Priority
    deadline_seconds: float | None
    calls: int = 0
    used: Used = field(default_factory=Used)
    deployment: str = ""


def complete[T: BaseModel](  # noqa: PLR0913 - the one call path; everything but the question has a default
    *,
    messages: Sequence[Message] = (),
    prompt: str = "",
    schema: type[T] | None = None,
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
) -> Completion[T]:
    """Ask a model of ``group``: ``messages``, then ``prompt`` as a user's message, if given.

    With ``schema`` the answer is parsed into it; a misfit is sent back to the model with the reason, at most twice. ``scopes``
    name budgets besides the tenant's (``agent:target``); the first is also who shares the tenant's part of the model with its
    others. ``on_delta`` gets the answer as it comes. ``wait_seconds`` bounds the wait for a slot, per call; ``priority`` and
    ``deadline_seconds`` (in which it should begin) count as the group's policy says.

    Raises a ModelError: a RetryableModelError (NotAdmitted among them) or a TerminalModelError (NoProviderConfigured: use the
    deterministic method; OverBudget). Raises RuntimeError inside a transaction, whose locks the call would hold.
    """
    conversation = [*messages, *([Message(role="user", content=prompt)] if prompt else [])]
    if not conversation:
        raise ValueError("There is nothing to ask: give messages or a prompt.")
    run = _Run(
        schema, group, tuple(scopes), process, purpose, max_output_tokens, temperature, on_delta, wait_seconds, priority,
        deadline_seconds,
    )  # fmt: skip
    with tracer.start_as_current_span("llm.complete", attributes={"vos.group": group, "vos.purpose": purpose}) as span:
        text, parsed = _typed(run, conversation, schema) if schema else (_call(run, conversation).text, None)
        span.set_attributes({"vos.deployment": run.deployment, "vos.tokens": run.used.tokens, "vos.calls": run.calls})
    counts = TokenCounts(run.used.prompt_tokens, run.used.completion_tokens, run.used.cached_tokens, run.used.reasoning_tokens)
    return Completion(text, parsed, counts, run.used.money, run.deployment, run.calls)


def _typed[T: BaseModel](run: _Run, conversation: list[Message], schema: type[T]) -> tuple[str, T]:
    """Ask until the answer fits, at most ``MOST_REPAIRS`` times again."""
    asked = with_schema(conversation, schema)
    complaint = ""
    for _ in range(1 + MOST_REPAIRS):
        text = _call(run, asked).text
        try:
            return text, parsed_output(text, schema)
        except DoesNotFit as misfit:
            complaint = str(misfit)
            asked = with_complaint(with_schema(conversation, schema), text, complaint)
    raise OutputInvalid(
        f"{run.deployment} did not answer as {schema.__name__} in {1 + MOST_REPAIRS} tries. Last: {complaint[:300]}"
    )


def _call(run: _Run, messages: list[Message]) -> ProviderAnswer:
    """One answer, with the retries that are safe: on the group's next deployment, else after a pause."""
    deployments = deployments_available(run.group)
    if not deployments:
        raise NoProviderConfigured(f"No model of group {run.group!r} is configured. An operator can add one in the admin.")
    for failures in range(MOST_CALLS):
        deployment = deployments[failures % len(deployments)]
        try:
            return _admitted_call(run, deployment, messages)
        except RetryableModelError as error:
            if not error.retried_at_once or failures + 1 == MOST_CALLS:
                raise
            if (failures + 1) % len(deployments) == 0:
                _pause(failures + 1, error)
    raise AssertionError("unreachable: the last failure is raised")


def _pause(failures: int, error: RetryableModelError) -> None:
    seconds = backoff_seconds(failures, retry_after=error.retry_seconds, random=random.random)
    if seconds is None:
        raise error
    time.sleep(seconds)


def _admitted_call(run: _Run, deployment: ModelDeployment, messages: list[Message]) -> ProviderAnswer:
    """One call with its reservation and its slot, settled whatever happens."""
    run.calls, run.deployment = run.calls + 1, deployment.name
    most = min(run.max_output_tokens or deployment.max_output_tokens, deployment.max_output_tokens)
    prompt_tokens = tokens_at_most(messages)
    reservation = _reserve(run, deployment, prompt_tokens, most)
    heard: list[str] = []
    try:
        answer = _in_slot(run, deployment, messages, prompt_tokens, most, heard)
    except BaseException as error:
        _settle_failed(run, deployment, reservation, _estimated(prompt_tokens, "".join(heard)), error)
        if isinstance(error, ProviderStopped):
            raise RateLimited(str(error), retry_seconds=error.retry_seconds) from error
        if isinstance(error, AdmissionError):
            raise NotAdmitted(str(error), retry_seconds=error.retry_seconds) from error
        raise
    counts = answer.usage or _estimated(prompt_tokens, answer.text)
    _settle(run, deployment, reservation, counts, "completed", estimated=answer.usage is None)
    return answer


def _in_slot(
    run: _Run, deployment: ModelDeployment, messages: list[Message], prompt_tokens: int, most: int, heard: list[str]
) -> ProviderAnswer:
    """The call in its slot. The queue learns what was really used, and what the provider said about its limits."""
    name, rules = queue_name(deployment), queue_rules(deployment)
    request = queue_request(
        deployment,
        next(iter(run.scopes), ""),
        priority=run.priority,
        tokens=prompt_tokens + most,
        deadline_seconds=run.deadline_seconds,
    )
    with admitted(name, rules, wait_seconds=run.wait_seconds, request=request) as lease:
        try:
            answer = _asked(run, _provider_call(run, deployment, messages, most), lease, heard)
        except ModelError as error:
            lease.used_tokens = None if heard or isinstance(error, _MAYBE_SPENT) else 0
            wish = getattr(error, "retry_seconds", None)
            _observe(name, rules, Heard(pause_seconds=wish) if wish else None)
            raise
        counts = answer.usage or _estimated(prompt_tokens, answer.text)
        lease.used_tokens = counts.prompt + counts.completion
        _observe(name, rules, answer.heard)
        return answer


def _observe(name: str, rules: Rules, heard: Heard | None) -> None:
    if heard:
        admission_observe(name, rules, heard)


def _reserve(run: _Run, deployment: ModelDeployment, prompt_tokens: int, most: int) -> Reservation:
    # Committed before the call goes out, or every other caller on this budget would wait for its answer.
    try:
        with transaction.atomic(durable=True):
            return budget_reserve(
                scopes=run.scopes,
                tokens=prompt_tokens + most,
                money=deployment.price(prompt_tokens, most),
                process=run.process,
                purpose=run.purpose,
            )
    except BudgetExceeded as error:
        raise OverBudget(str(error)) from error


def _asked(run: _Run, call: ProviderCall, lease: Lease, heard: list[str]) -> ProviderAnswer:
    if run.on_delta is None:
        return provider_answer(call)
    on_delta, attempt = run.on_delta, run.calls

    def on_text(text: str) -> None:
        heard.append(text)
        lease.check()
        on_delta(Delta(text, attempt))

    return provider_answer(call, on_text)


def _provider_call(run: _Run, deployment: ModelDeployment, messages: list[Message], most: int) -> ProviderCall:
    return ProviderCall(
        deployment=deployment.name,
        model=deployment.model,
        messages=tuple(messages),
        max_output_tokens=most,
        timeout_seconds=deployment.timeout_seconds,
        api_base=deployment.api_base,
        api_key=os.environ.get(deployment.api_key_variable, "") if deployment.api_key_variable else "",
        temperature=run.temperature,
        response_format=response_format(run.schema, deployment.output_mode) if run.schema else None,
    )


def _estimated(prompt_tokens: int, text: str) -> TokenCounts:
    return TokenCounts(prompt_tokens, len(text.encode()) // 3)


def _settle_failed(
    run: _Run, deployment: ModelDeployment, reservation: Reservation, counts: TokenCounts, error: BaseException
) -> None:
    """Give everything back where nothing was spent; count what may have been, because the provider will."""
    outcome = type(error).__name__
    if counts.completion or isinstance(error, _MAYBE_SPENT):
        _settle(run, deployment, reservation, counts, outcome, estimated=True)
    else:
        reservation_release(reservation=reservation.pk)
        logger.info("model call failed", extra={"deployment": deployment.name, "outcome": outcome})


def _settle(
    run: _Run, deployment: ModelDeployment, reservation: Reservation, counts: TokenCounts, outcome: str, *, estimated: bool
) -> None:
    used = Used(
        prompt_tokens=counts.prompt,
        completion_tokens=counts.completion,
        cached_tokens=counts.cached,
        reasoning_tokens=counts.reasoning,
        money=deployment.price(counts.prompt, counts.completion),
        estimated=estimated,
    )
    reservation_settle(reservation=reservation.pk, used=used, deployment=deployment.name, outcome=outcome)
    run.used = _sum(run.used, used)
    logger.info("model called", extra={"deployment": deployment.name, "tokens": used.tokens, "outcome": outcome})


def _sum(first: Used, second: Used) -> Used:
    return Used(
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
        first.cached_tokens + second.cached_tokens,
        first.reasoning_tokens + second.reasoning_tokens,
        Decimal(first.money + second.money),
        first.estimated or second.estimated,
    )
