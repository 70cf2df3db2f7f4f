"""What happened in a run, in sentences, day by day."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.actors import SYSTEM
from workflows.selectors import TimelineEntry

# By the last part of the audit's action. ``%(step)s`` is the step's title.
_WORDS = {
    "started": "The run started",
    "completed": "The run is done",
    "failed": "The run stopped",
    "paused": "Paused",
    "resumed": "Resumed",
    "cancelled": "Cancelled",
    "rolling_back": "Began to roll back",
    "rolled_back": "Everything is rolled back",
    "stuck": "Rolling back is stuck",
    "forked": "Forked into a run of its own",
    "signalled": "Got a signal",
    "signal_sent": "Got a signal",
    "replayed": "Taken up again from the dead letters",
    "limited": "Held back by a limit",
    "begun": "Let begin",
    "step_completed": "“%(step)s” is done",
    "step_waiting": "“%(step)s” waits",
    "step_failed": "“%(step)s” failed and asks for a person",
    "step_skipped": "“%(step)s” was skipped",
    "step_retried": "“%(step)s” was tried again by a person",
    "step_compensated": "“%(step)s” was undone",
    "step_compensation_failed": "“%(step)s” could not be undone",
    "step_overridden": "“%(step)s” got another output",
    "step_override_undone": "“%(step)s” has its own output again",
    "step_unheard": "A message to “%(step)s” was not used",
    "step_heard": "A message to “%(step)s” was honoured",
    "prioritised": "Its priority was changed",
    "step_settled": "“%(step)s” was settled by hand",
    "step_steered": "“%(step)s” got a message",
    "step_children": "“%(step)s” started runs of its own",
    "attempt_failed": "An attempt at “%(step)s” failed",
    "attempt_lost": "The worker of “%(step)s” was lost",
    "attempt_cancelled": "An attempt at “%(step)s” was cut off",
}
_SIGNS = {
    "completed": "check", "done": "check", "failed": "circle-x", "stuck": "circle-x", "waiting": "clock", "paused": "pause",
    "resumed": "play", "started": "play", "cancelled": "square", "skipped": "skip-forward", "retried": "rotate-ccw",
    "back": "undo-2", "compensated": "undo-2", "lost": "triangle-alert", "overridden": "pencil", "forked": "git-branch",
    "steered": "message-square", "signalled": "message-square", "sent": "message-square", "settled": "check",
    "undone": "undo-2", "unheard": "message-square", "heard": "check", "prioritised": "layers",
}  # fmt: skip
_TONES = {
    "attempt_failed": "warn",
    "attempt_lost": "warn",
    "step_unheard": "warn",
    "step_failed": "refuse",
    "step_compensation_failed": "refuse",
    "stuck": "refuse",
}


def history_days(entries: Sequence[TimelineEntry], titles: Mapping[str, str], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """``[{day, entries [{at, sign, tone, text, why, who, step, next_at}]}]``, oldest first. ``titles`` are of steps by key."""
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [{"day": day, "entries": [_entry(one, titles, names) for one in group]} for day, group in days]


def people_in(entries: Iterable[TimelineEntry]) -> set[str]:
    """Who did something; workers are nobody."""
    return {entry.actor for entry in entries if ":" in entry.actor and not entry.what.startswith("attempt_")}


def _entry(entry: TimelineEntry, titles: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    words = _WORDS.get(entry.what, entry.what.removeprefix("step_").replace("_", " ").capitalize())
    if entry.what not in _WORDS and entry.step:
        words += ": “%(step)s”"
    told = _(words) % {"step": titles.get(entry.step, entry.step)} if "%(" in words else _(words)
    is_attempt = entry.what.startswith("attempt_")
    return {
        "at": entry.at,
        "sign": _SIGNS.get(entry.what.rpartition("_")[2], "circle-dot"),
        "tone": _TONES.get(entry.what, ""),
        "text": told,
        "why": entry.text.partition("\n")[0],
        "who": "" if is_attempt or entry.actor == SYSTEM else names.get(entry.actor, entry.actor),
        "step": entry.step,
        "next_at": entry.retry_at,
    }
