"""One call: its reservation, its slot, and the settlement whatever happens."""

import os
import time

from kernel.llm.errors import ModelError, NotAdmitted, RateLimited
from kernel.llm.health import health_note
from kernel.llm.listening import Listener, listened
from kernel.llm.messages import Message, tokens_at_most
from kernel.llm.models import ModelDeployment
from kernel.llm.provider import ProviderAnswer, ProviderCall
from kernel.llm.question import Progress, Question
from kernel.llm.queues import queue_name, queue_request, queue_rules
from kernel.llm.settlement import MAYBE_SPENT, Bill, estimated
from kernel.llm.typed import response_format
from kernel.scheduler.admission import AdmissionError, Heard, Lease, ProviderStopped, Rules, admission_observe, admitted


def call_admitted(
    question: Question, progress: Progress, deployment: ModelDeployment, messages: list[Message], *, group: str
) -> ProviderAnswer:
    """Call ``deployment`` of ``group`` once. Raises a ModelError, or what ``interrupted`` or the listener raised."""
    question.check_wanted()
    progress.calls += 1
    progress.group, progress.deployment, progress.model = group, deployment.name, deployment.model
    most = min(question.max_output_tokens or deployment.max_output_tokens, deployment.max_output_tokens)
    bill = Bill(question, progress, deployment, group, tokens_at_most(messages), most)
    call = _provider_call(question, deployment, messages, most)
    bill.reserve()
    listener = Listener(question, progress.calls)
    try:
        answer = _in_slot(question, deployment, call, bill, listener)
    except BaseException as error:
        bill.settle_failed(estimated(bill.prompt_tokens, listener.text), error)
        if isinstance(error, ProviderStopped):
            raise RateLimited(str(error), retry_seconds=error.retry_seconds) from error
        if isinstance(error, AdmissionError):
            raise NotAdmitted(str(error), retry_seconds=error.retry_seconds) from error
        raise
    bill.settle(answer.usage or estimated(bill.prompt_tokens, answer.text), "completed", estimated=answer.usage is None)
    return answer


def _in_slot(
    question: Question, deployment: ModelDeployment, call: ProviderCall, bill: Bill, listener: Listener
) -> ProviderAnswer:
    """The call in its slot. The queue learns what was really used, and what the provider said about its limits."""
    name, rules = queue_name(deployment), queue_rules(deployment)
    request = queue_request(
        deployment,
        question.unit,
        priority=question.priority,
        tokens=bill.prompt_tokens + bill.most_output_tokens,
        deadline_seconds=question.deadline_seconds,
    )
    with admitted(name, rules, wait_seconds=question.wait_seconds, request=request) as lease:
        bill.waited_seconds = lease.waited_seconds
        try:
            question.check_wanted()
            answer = _asked(call, deployment, listener, lease)
        except ModelError as error:
            lease.used_tokens = None if listener.text or isinstance(error, MAYBE_SPENT) else 0
            wish = getattr(error, "retry_seconds", None)
            _observe(name, rules, Heard(pause_seconds=wish) if wish else None)
            raise
        counts = answer.usage or estimated(bill.prompt_tokens, answer.text)
        lease.used_tokens = counts.prompt + counts.completion
        _observe(name, rules, answer.heard)
        return answer


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


def _provider_call(question: Question, deployment: ModelDeployment, messages: list[Message], most: int) -> ProviderCall:
    return ProviderCall(
        deployment=deployment.name,
        model=deployment.model,
        messages=tuple(messages),
        max_output_tokens=most,
        timeout_seconds=deployment.timeout_seconds,
        api_base=deployment.api_base,
        api_key=os.environ.get(deployment.api_key_variable, "") if deployment.api_key_variable else "",
        temperature=question.temperature,
        response_format=response_format(question.form, deployment.output_mode) if question.form else None,
    )
