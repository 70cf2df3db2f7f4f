"""One call: its reservation, its slot, and the settlement whatever happens."""

import os
import time
from dataclasses import replace

from kernel.llm.errors import ModelBusy, ModelError, NotAdmitted, RateLimited
from kernel.llm.health import health_note
from kernel.llm.listening import Listener, listened
from kernel.llm.messages import Message
from kernel.llm.models import ModelDeployment
from kernel.llm.preemption import Stretches
from kernel.llm.provider import ProviderAnswer, ProviderCall
from kernel.llm.question import Progress, Question
from kernel.llm.queues import queue_name, queue_request, queue_rules, works_of
from kernel.llm.settlement import MAYBE_SPENT, Bill, estimated
from kernel.llm.typed import response_format
from kernel.processes.preempted import preempted
from kernel.scheduler.admission import (
    AdmissionError,
    Heard,
    Lease,
    ProviderStopped,
    QueueFull,
    Rules,
    SlotWanted,
    admission_observe,
    admitted,
    slot_yield,
)
from kernel.stops.checks import Stopped


def call_admitted(
    question: Question, progress: Progress, deployment: ModelDeployment, messages: list[Message], *, group: str
) -> ProviderAnswer:
    """Call ``deployment`` of ``group`` once, in as many stretches as higher classes make of it.

    Raises a ModelError, or what ``interrupted`` or the listener raised.
    """
    question.check_wanted()
    progress.calls += 1
    progress.group, progress.deployment, progress.model = group, deployment.name, deployment.model
    most = min(question.max_output_tokens or deployment.max_output_tokens, deployment.max_output_tokens)
    stretches = Stretches.begin(question, deployment, messages, most)
    bill = Bill(question, progress, deployment, group, stretches.prompt_tokens, stretches.most)
    bill.reserve()
    listener = Listener(question, progress.calls, stretches)
    try:
        answer = _in_slot(stretches, bill, listener)
    except BaseException as error:
        is_stopped = isinstance(error, Stopped)
        if is_stopped:
            stretches.stopped(listener.text)
        bill.settle_failed(estimated(bill.prompt_tokens, listener.text), error, spent=is_stopped and listener.asked)
        progress.is_shown |= question.on_delta is not None and bool(stretches.text or listener.text)
        if isinstance(error, QueueFull):
            raise ModelBusy(str(error), retry_seconds=error.retry_seconds) from error
        if isinstance(error, ProviderStopped):
            raise RateLimited(str(error), retry_seconds=error.retry_seconds) from error
        if isinstance(error, AdmissionError):
            raise NotAdmitted(str(error), retry_seconds=error.retry_seconds) from error
        raise
    bill.settle(answer.usage or estimated(bill.prompt_tokens, answer.text), "completed", estimated=answer.usage is None)
    stretches.finished()
    return replace(answer, text=stretches.text + answer.text)


def _in_slot(stretches: Stretches, bill: Bill, listener: Listener) -> ProviderAnswer:
    """The call in its slot. The queue learns what was really used, and what the provider said about its limits."""
    question, deployment = stretches.question, stretches.deployment
    name, rules = queue_name(deployment), queue_rules(deployment)
    request = queue_request(
        deployment,
        question.unit,
        priority=question.priority,
        tokens=bill.prompt_tokens + bill.most_output_tokens,
        deadline_seconds=question.deadline_seconds,
        preemptible=stretches.may_yield,
        works=works_of(question.process, bill.progress.flight),
    )
    with admitted(name, rules, wait_seconds=question.wait_seconds, request=request, interrupted=question.ended) as lease:
        bill.waited_seconds = lease.waited_seconds
        try:
            bill.note_slot(lease)
            question.check_wanted()
            answer = _asked_in_stretches(stretches, bill, listener, lease)
        except ModelError as error:
            lease.used_tokens = None if listener.text or isinstance(error, MAYBE_SPENT) else 0
            wish = getattr(error, "retry_seconds", None)
            _observe(name, rules, Heard(pause_seconds=wish) if wish else None)
            raise
        counts = answer.usage or estimated(bill.prompt_tokens, answer.text)
        lease.used_tokens = counts.prompt + counts.completion
        _observe(name, rules, answer.heard)
        return answer


def _asked_in_stretches(stretches: Stretches, bill: Bill, listener: Listener, lease: Lease) -> ProviderAnswer:
    """The answer's last stretch. Before it, each one that yields is settled and kept, and the rest waits for a slot again."""
    question = stretches.question
    while True:
        try:
            return _asked(_provider_call(stretches), stretches.deployment, listener, lease)
        except SlotWanted:
            counts = estimated(bill.prompt_tokens, listener.text)
            bill.settle(counts, stretches.keep(listener.text), estimated=True)
            bill.progress.calls += 1
            listener.begin(bill.progress.calls)
            bill.prompt_tokens, bill.most_output_tokens = stretches.prompt_tokens, stretches.most
            bill.reserve()
            lease.used_tokens = counts.prompt + counts.completion
            with preempted(question.process):
                slot_yield(
                    lease,
                    wait_seconds=question.wait_seconds,
                    left_tokens=bill.prompt_tokens + bill.most_output_tokens,
                    preemptible=stretches.may_yield,
                    interrupted=question.ended,
                )
            bill.note_slot(lease)
            bill.waited_seconds = lease.waited_seconds


def _asked(call: ProviderCall, deployment: ModelDeployment, listener: Listener, lease: Lease) -> ProviderAnswer:
    """The call itself; all workers hear how it went."""
    began = time.monotonic()
    try:
        answer = listened(call, listener, lease)
    except BaseException as error:
        health_note(deployment.pk, error, seconds=time.monotonic() - began)
        raise
    health_note(deployment.pk, None, seconds=time.monotonic() - began)
    return answer


def _observe(name: str, rules: Rules, heard: Heard | None) -> None:
    if heard:
        admission_observe(name, rules, heard)


def _provider_call(stretches: Stretches) -> ProviderCall:
    question, deployment = stretches.question, stretches.deployment
    return ProviderCall(
        deployment=deployment.name,
        model=deployment.model,
        messages=tuple(stretches.asked),
        max_output_tokens=stretches.most,
        timeout_seconds=deployment.timeout_seconds,
        api_base=deployment.api_base,
        api_key=os.environ.get(deployment.api_key_variable, "") if deployment.api_key_variable else "",
        temperature=question.temperature,
        response_format=response_format(question.form, deployment.output_mode) if question.form else None,
        extra=stretches.extra,
    )
