"""Answering a question once: what is kept of earlier answers, and who asks the same just now.

Shared is what has one right answer: questions at temperature 0. An answer is found again by its content: what was asked, in which
form, with which bounds, and which models may answer. Each tenant has its own; nothing is ever shared across tenants.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from kernel.budgets.services import CallFacts, usage_record_cached
from kernel.llm import errors
from kernel.llm.catalogue import catalogue
from kernel.llm.errors import TerminalModelError
from kernel.llm.flights import TICK_SECONDS, Flight, Outcome
from kernel.llm.messages import Delta
from kernel.llm.pieces import Following, Telling
from kernel.llm.question import Progress, Question
from kernel.llm.queues import work_of_flight
from kernel.llm.routing import legs
from kernel.scheduler.admission import work_promote
from kernel.schemas import current_schema

# What every caller of the same question would hear too. Budgets and residencies are each caller's own.
_SAME_FOR_ALL = (errors.RequestRejected, errors.ModelRefused, errors.OutputTruncated, errors.OutputInvalid)
LARGEST_KEPT = 256_000


def answer_shared(question: Question, progress: Progress, fresh: Callable[[Question], str]) -> str:
    """The answer to ``question``: a kept one, the one that somebody is just getting, or else what ``fresh`` gets.

    ``fresh`` is given the question with other listeners: those who follow hear the answer as it comes. Raises what ``fresh``
    raises, and what the question's ``interrupted`` says while it waits for somebody else.
    """
    if not _is_shared(question):
        return fresh(question)
    flight = Flight(f"{current_schema()}:{content_hash(question)}")
    following = Following(question.on_delta, question.check_wanted) if question.on_delta else None
    try:
        standing = _standing(flight, question, following)
    except RedisError:
        return fresh(_heard_by(question, following))
    if standing is None:
        return _led(flight, _heard_by(question, following), progress, fresh)
    return _received(standing, question, progress, following)


def _heard_by(question: Question, following: Following | None) -> Question:
    """The question for a call of one's own; what its caller has heard of another's already was an earlier attempt."""
    return replace(question, on_delta=following.lead) if following and following.attempt else question


def _told(question: Question, telling: Telling) -> Question:
    """The question with those listening too who follow. An answer that its own caller does not hear is not fetched in pieces."""
    own, asked = question.on_delta, question.interrupted
    if own is None:
        return question

    def hear(delta: Delta) -> None:
        telling.hear(delta)
        own(delta)

    def interrupted() -> Exception | None:
        telling.flush_due()  # asked while the provider is silent, too
        return asked() if asked else None

    return replace(question, on_delta=hear, interrupted=interrupted if asked else None)


def content_hash(question: Question) -> str:
    """A name for everything that an answer depends on. Who asks, and how urgently, is not part of it."""
    way = legs(question.group, sensitivity=question.sensitivity, in_house=question.in_house)
    models = sorted({(one.model, one.api_base, one.output_mode, one.max_output_tokens) for leg in way for one in leg.deployments})
    form = question.form.schema if question.form else None
    content = [models, question.messages, form, question.max_output_tokens, question.temperature]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _is_shared(question: Question) -> bool:
    return question.shared and question.temperature == 0 and catalogue().route(question.group).single_flight


def _standing(flight: Flight, question: Question, following: Following | None) -> Outcome | None:
    """What somebody else brings, or None where it is on us. Raises RedisError."""
    while (standing := flight.join()) == "follow":
        # Said anew with each tick: what is done for us is done in our class for as long as we wait, and no longer.
        work_promote(work_of_flight(flight.name), question.priority, seconds=2 * TICK_SECONDS + 1)
        question.check_wanted()
        outcome = flight.wait(following)
        if outcome is not None and outcome.kind != "again":
            return outcome
    return standing if isinstance(standing, Outcome) and standing.kind != "again" else None


def _led(flight: Flight, question: Question, progress: Progress, fresh: Callable[[Question], str]) -> str:
    outcome = Outcome("again")
    keep_seconds = 0
    progress.flight = flight.name
    try:
        text = fresh(_told(question, Telling(flight.token)))
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


def _received(outcome: Outcome, question: Question, progress: Progress, following: Following | None) -> str:
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
    if following:
        following.finish(outcome.text)
    return outcome.text
