"""What operators do to one tenant's runs from the command line; each verb is one service."""

import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Role
from workflows.models import Execution, Step
from workflows.selectors import execution_detail, executions_list
from workflows.selectors.dead_letters import DeadLetterFilter, dead_letters
from workflows.services import (
    execution_cancel,
    execution_pause,
    execution_prioritise,
    execution_resume,
    execution_roll_back,
    step_retry,
    step_settle,
    step_skip,
)
from workflows.services.dead_letters import Letter, dead_letters_replay
from workflows.triggers.models import Trigger

OPERATOR = Actor("operator:command-line", Role.ADMIN, name="The operator")
type Lines = Iterable[str]
type Verb = Callable[[dict[str, Any]], Lines]


def add_verbs(verbs: Any) -> None:
    """Declare them; each names its tenant by schema."""
    runs = _verb(verbs, "runs", "Runs, newest first.")
    runs.add_argument("--state", default="")
    runs.add_argument("--subject", default="")
    runs.add_argument("--limit", type=int, default=20)
    _of_run(verbs, "show", "One run: its steps, and what happened.")
    for word, text in (("pause", "Take no further step."), ("resume", "Go on with a paused run.")):
        _of_run(verbs, word, text)
    for word, text in (("cancel", "End it here."), ("roll-back", "Undo what it has done, in reverse order.")):
        _of_run(verbs, word, text).add_argument("--reason", default="")
    _of_run(verbs, "priority", "Another class for its agents' model calls.").add_argument("priority")
    _of_run(verbs, "retry", "Try a failed step again.").add_argument("step")
    for word, text in (("skip", "Go past a step."), ("settle", "Say that a step was undone by hand.")):
        of_step = _of_run(verbs, word, text)
        of_step.add_argument("step")
        of_step.add_argument("--reason", required=True)
    letters = _verb(verbs, "dead-letters", "Failed steps of all runs, newest first.")
    letters.add_argument("--replay", action="store_true", help="try those that are listed again, each once")
    letters.add_argument("--definition", default="")
    letters.add_argument("--text", default="", help="a part of the error")
    letters.add_argument("--limit", type=int, default=50)
    _verb(verbs, "triggers", "What starts runs, and when next.")


def _verb(verbs: Any, name: str, text: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=text)
    parser.add_argument("--schema", required=True, help="the tenant's schema")
    return parser


def _of_run(verbs: Any, name: str, text: str) -> ArgumentParser:
    parser = _verb(verbs, name, text)
    parser.add_argument("run", help="its id; the first digits are enough")
    return parser


def operate(options: dict[str, Any]) -> Lines:
    """Do the verb in the tenant that is entered already; returns lines to print. Services' refusals come through."""
    return _VERBS[options["verb"]](options)


def _runs(options: dict[str, Any]) -> Lines:
    for run in executions_list(OPERATOR, state=options["state"], subject=options["subject"])[: options["limit"]]:
        paused = " (paused)" if run.is_paused else ""
        yield f"{run.public_id}  {run.state}{paused:<9}  {run.created_at:%Y-%m-%d %H:%M}  {run.name} {run.version}  {run.subject}"


def _show(options: dict[str, Any]) -> Lines:
    detail = execution_detail(OPERATOR, public_id=_run(options).public_id)
    run = detail.execution
    yield f"{run.title} {run.version}: {run.state}, {detail.done} of {detail.total} steps, started by {run.started_by}"
    for view in detail.steps:
        yield f"  {view.step.key:<24} {view.step.state:<20} {view.step.attempt:>3} attempts  {view.step.error[:100]}"
    for entry in detail.timeline:
        yield f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.what:<24} {entry.step:<24} {entry.actor}  {entry.text[:100]}"


def _dead_letters(options: dict[str, Any]) -> Lines:
    chosen = DeadLetterFilter(definition=options["definition"], text=options["text"])
    steps = list(dead_letters(OPERATOR, chosen)[: options["limit"]])
    outcomes = dict[int, str]()
    if options["replay"]:
        replays = dead_letters_replay(letters=[Letter(step.pk, step.attempt) for step in steps], actor=OPERATOR)
        outcomes = {replay.letter.step: f"{replay.outcome}  " for replay in replays}
    for step in steps:
        first = step.error.partition("\n")[0][:100]
        outcome = outcomes.get(step.pk, "")
        yield f"{outcome}{step.execution.public_id}  {step.key:<24} {step.state:<20} {step.error_class}: {first}"


def _triggers(_options: dict[str, Any]) -> Lines:
    for trigger in Trigger.objects.order_by("title"):
        late = trigger.next_at is not None and trigger.next_at < timezone.now()
        when = f"{trigger.next_at:%Y-%m-%d %H:%M} UTC{' (late)' if late else ''}" if trigger.next_at else trigger.topic
        state = "on" if trigger.enabled else "off"
        yield f"{trigger.public_id}  {state:<4} {trigger.kind:<8} {trigger.definition:<24} {when}  {trigger.title}"


def _changed(change: Callable[[Execution, dict[str, Any]], Any]) -> Verb:
    def verb(options: dict[str, Any]) -> Lines:
        run = _run(options)
        change(run, options)
        run.refresh_from_db()
        yield f"{run.public_id}  {run.state}{' (paused)' if run.is_paused else ''}"

    return verb


def _run(options: dict[str, Any]) -> Execution:
    found = list(
        Execution.objects.filter(public_id__gte=_bound(options["run"], "0"), public_id__lte=_bound(options["run"], "f"))[:2]
    )
    if len(found) != 1:
        raise CommandError(f"{'No run' if not found else 'More than one run'} begins with {options['run']!r}.")
    return found[0]


def _bound(given: str, digit: str) -> uuid.UUID:
    try:
        return uuid.UUID(given.replace("-", "").ljust(32, digit))
    except ValueError as error:
        raise CommandError(f"{given!r} is no run's id.") from error


def _step(run: Execution, options: dict[str, Any]) -> Step:
    step = run.steps.select_related("execution").filter(key=options["step"]).first()
    if step is None:
        raise CommandError(f"The run has no step {options['step']!r}. It has: {', '.join(run.graph.steps)}.")
    return step


_VERBS: dict[str, Verb] = {
    "runs": _runs,
    "show": _show,
    "dead-letters": _dead_letters,
    "triggers": _triggers,
    "pause": _changed(lambda run, _options: execution_pause(execution=run, actor=OPERATOR)),
    "resume": _changed(lambda run, _options: execution_resume(execution=run, actor=OPERATOR)),
    "cancel": _changed(lambda run, options: execution_cancel(execution=run, reason=options["reason"], actor=OPERATOR)),
    "roll-back": _changed(lambda run, options: execution_roll_back(execution=run, reason=options["reason"], actor=OPERATOR)),
    "priority": _changed(lambda run, options: execution_prioritise(execution=run, priority=options["priority"], actor=OPERATOR)),
    "retry": _changed(lambda run, options: step_retry(step=_step(run, options), actor=OPERATOR)),
    "skip": _changed(lambda run, options: step_skip(step=_step(run, options), reason=options["reason"], actor=OPERATOR)),
    "settle": _changed(lambda run, options: step_settle(step=_step(run, options), reason=options["reason"], actor=OPERATOR)),
}
OPERATED = frozenset(_VERBS)
