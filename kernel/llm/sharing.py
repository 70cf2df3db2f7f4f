"""Answering a question once: what is kept of earlier answers, and who asks the same just now.

Shared is what has one right answer: questions at temperature 0. An answer is found again by its content: what was asked, in which
form, with which bounds, and which models may answer. Each tenant has its own; nothing is ever shared across tenants.
"""

import hashlib
import json
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from kernel.budgets.services import CallFacts, usage_record_cached
from kernel.llm import errors
from kernel.llm.catalogue import catalogue
from kernel.llm.errors import TerminalModelError
from kernel.llm.flights import TICK_SECONDS, Flight, Outcome
from kernel.llm.messages import Delta
from kernel.llm.question import Progress, Question
from kernel.llm.queues import work_of_flight
from kernel.llm.routing import legs
from kernel.scheduler.admission import work_promote
from kernel.schemas import current_schema

# What every caller of the same question would hear too. Budgets and residencies are each caller's own.
_SAME_FOR_ALL = (errors.RequestRejected, errors.ModelRefused, errors.OutputTruncated, errors.OutputInvalid)
LARGEST_KEPT = 256_000


def answer_shared(question: Question, progress: Progress, fresh: Callable[[], str]) -> str:
    """The answer to ``question``: a kept one, the one that somebody is just getting, or else what ``fresh`` gets.

    Raises what ``fresh`` raises, and what the question's ``interrupted`` says while it waits for somebody else.
    """
    if not _is_shared(question):
        return fresh()
    flight = Flight(f"{current_schema()}:{content_hash(question)}")
    try:
        standing = _standing(flight, question)
    except RedisError:
        return fresh()
    if standing is None:
        return _led(flight, question, progress, fresh)
    return _received(standing, question, progress)


def content_hash(question: Question) -> str:
    """A name for everything that an answer depends on. Who asks, and how urgently, is not part of it."""
    way = legs(question.group, sensitivity=question.sensitivity, in_house=question.in_house)
    models = sorted({(one.model, one.api_base, one.output_mode, one.max_output_tokens) for leg in way for one in leg.deployments})
    form = question.form.schema if question.form else None
    content = [models, question.messages, form, question.max_output_tokens, question.temperature]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _is_shared(question: Question) -> bool:
    return question.shared and question.temperature == 0 and catalogue().route(question.group).single_flight


def _standing(flight: Flight, question: Question) -> Outcome | None:
    """What somebody else brings, or None where it is on us. Raises RedisError."""
    while (standing := flight.join()) == "follow":
        # Said anew with each tick: what is done for us is done in our class for as long as we wait, and no longer.
        work_promote(work_of_flight(flight.name), question.priority, seconds=2 * TICK_SECONDS + 1)
        question.check_wanted()
        outcome = flight.wait()
        if outcome is not None and outcome.kind != "again":
            return outcome
    return standing if isinstance(standing, Outcome) and standing.kind != "again" else None


def _led(flight: Flight, question: Question, progress: Progress, fresh: Callable[[], str]) -> str:
    outcome = Outcome("again")
    keep_seconds = 0
    progress.flight = flight.name
    try:
        text = fresh()
        outcome = Outcome("answer", text, progress.deployment, progress.model)
        keep_seconds = _keep_seconds(question, progress, text)
        return text
    except _SAME_FOR_ALL as error:
        outcome = Outcome("error", str(error), error=type(error).__name__)
        raise
    finally:
        flight.land(outcome, keep_seconds=keep_seconds)


def _keep_seconds(question: Question, progress: Progress, text: str) -> int:
    """How long the answer is kept. One of a group that stood in is not: it would outlast the trouble."""
    if progress.group != question.group or len(text) > LARGEST_KEPT or not catalogue().residency.answers_cached:
        return 0
    return catalogue().route(question.group).cache_seconds


def _received(outcome: Outcome, question: Question, progress: Progress) -> str:
    if outcome.kind == "error":
        kinds: dict[str, type[TerminalModelError]] = {kind.__name__: kind for kind in _SAME_FOR_ALL}
        raise kinds.get(outcome.error, TerminalModelError)(outcome.text)
    progress.deployment, progress.model, progress.cached = outcome.deployment, outcome.model, True
    facts = CallFacts(question.group, outcome.model, prompt=question.prompt, started_at=timezone.now())
    with transaction.atomic(durable=True):
        usage_record_cached(
            scopes=question.scopes,
            process=question.process,
            purpose=question.purpose,
            deployment=outcome.deployment,
            facts=facts,
        )
    if question.on_delta is not None:
        question.on_delta(Delta(outcome.text, 1))
    return outcome.text
