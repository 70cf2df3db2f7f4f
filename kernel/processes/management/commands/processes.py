"""``manage.py processes ps|top|kill|stop|pause|resume|nice``: what runs, and what to do about it."""

import json
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_tenants.utils import schema_context

from kernel.processes.everywhere import NoSuchProcess, Placed, process_find, processes_everywhere
from kernel.processes.models import Process
from kernel.processes.services import TransitionRefused, group_signal, process_kill, process_nice, process_signal
from kernel.scheduler.policies import Priority

ACTOR = "operator:command-line"
_COLUMNS = "{:<13} {:<36} {:<10} {:<11} {:>6} {:>8} {:>5} {:>9} {:<24} {}"
_HEAD = ("TENANT", "PID", "STATE", "CLASS", "STEPS", "TOKENS", "TOOLS", "AGE", "WORKER", "AGENT")
_CLASSES = [priority.name.lower() for priority in Priority]


class Command(BaseCommand):
    """Looks at the processes of all tenants, and signals one of them or its group. A pid may be cut short."""

    help = "List processes, watch them, and stop, pause, resume, kill or re-class one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schema", default="", help="one tenant's schema only")
        verbs = parser.add_subparsers(dest="verb", required=True)
        ps = verbs.add_parser("ps", help="Those that live, newest first.")
        ps.add_argument("--all", action="store_true", dest="ended", help="also those that have ended")
        ps.add_argument("--tree", action="store_true", help="children below their parents")
        ps.add_argument("--json", action="store_true", dest="as_json")
        top = verbs.add_parser("top", help="Those that live, by tokens used, again and again until Ctrl-C.")
        top.add_argument("--every", type=float, default=2.0, metavar="SECONDS")
        top.add_argument("--times", type=int, default=0, help="end after so many looks; 0: do not")
        for verb, words in _SIGNALS.items():
            signal = verbs.add_parser(verb, help=words)
            signal.add_argument("pid")
            signal.add_argument("--group", action="store_true", help="everything that was started with it, too")
        verbs.add_parser("kill", help="End it now; what its worker still does is not committed.").add_argument("pid")
        nice = verbs.add_parser("nice", help="Another class for it and all below it.")
        nice.add_argument("priority", choices=_CLASSES)
        nice.add_argument("pid")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = options["verb"]
        if verb == "ps":
            self._list(options)
        elif verb == "top":
            self._watch(options)
        else:
            self._do(verb, options)

    def _list(self, options: dict[str, Any]) -> None:
        found = processes_everywhere(schema=options["schema"], ended=options["ended"])
        if options["as_json"]:
            self.stdout.write(json.dumps([_record(placed) for placed in found], indent=2))
            return
        self.stdout.write(_COLUMNS.format(*_HEAD).rstrip())
        for placed in _as_tree(found) if options["tree"] else found:
            self.stdout.write(_row(placed, timezone.now(), "  " * placed.process.depth if options["tree"] else ""))

    def _watch(self, options: dict[str, Any]) -> None:
        looks = 0
        try:
            while not options["times"] or looks < options["times"]:
                if looks:
                    time.sleep(options["every"])
                looks += 1
                self._look(options["schema"])
        except KeyboardInterrupt:
            return

    def _look(self, schema: str) -> None:
        found = processes_everywhere(schema=schema)
        states = [placed.process.state for placed in found]
        counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) or "nothing"
        if self.stdout.isatty():
            self.stdout.write("\x1b[2J\x1b[H", ending="")
        self.stdout.write(f"{timezone.now():%H:%M:%S} UTC: {counted}")
        self.stdout.write(_COLUMNS.format(*_HEAD).rstrip())
        for placed in sorted(found, key=lambda placed: -placed.process.used_tokens)[:40]:
            self.stdout.write(_row(placed, timezone.now()))

    def _do(self, verb: str, options: dict[str, Any]) -> None:
        try:
            placed = process_find(options["pid"], schema=options["schema"])
            with schema_context(placed.schema):
                changed = _changed(verb, placed.process, options)
        except (NoSuchProcess, TransitionRefused) as refused:
            raise CommandError(str(refused)) from refused
        for process in changed:
            asked = f", asked to {process.signal}" if process.signal else ""
            classed = f", its class is {_class_of(process)}" if verb == "nice" else ""
            self.stdout.write(f"{process.pid} is {process.state}{asked}{classed}")


_SIGNALS = {
    "stop": "End it at its next checkpoint.",
    "pause": "Have it rest at its next checkpoint.",
    "resume": "Go on where it was paused.",
}


def _changed(verb: str, process: Process, options: dict[str, Any]) -> list[Process]:
    if verb == "kill":
        return [process_kill(process=process, actor=ACTOR)]
    if verb == "nice":
        return [process_nice(process=process, priority=Priority[options["priority"].upper()], actor=ACTOR)]
    if options["group"]:
        return group_signal(group=process.group, signal=verb, actor=ACTOR)
    return [process_signal(process=process, signal=verb, actor=ACTOR)]


def _as_tree(found: list[Placed]) -> list[Placed]:
    """Each process below its parent, as far as that is in the list."""
    below: dict[object, list[Placed]] = {}
    shown = {placed.process.pk for placed in found}
    for placed in reversed(found):
        parent = placed.process.parent_id
        below.setdefault(parent if parent in shown else None, []).append(placed)

    def walk(parent: object) -> list[Placed]:
        return [each for placed in below.get(parent, []) for each in (placed, *walk(placed.process.pk))]

    return walk(None)


def _class_of(process: Process) -> str:
    return Priority(process.priority).name.lower()


def _row(placed: Placed, now: datetime, indent: str = "") -> str:
    process = placed.process
    state = f"{process.state}!" if process.signal else process.state
    seconds = int(((process.ended_at or now) - process.created_at).total_seconds())
    age = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return _COLUMNS.format(
        placed.schema[:13], str(process.pid), state, _class_of(process), process.used_steps,
        process.used_tokens, process.used_tool_calls, age, process.worker[:24] or "-", indent + process.agent,
    )  # fmt: skip


def _record(placed: Placed) -> dict[str, Any]:
    process = placed.process
    return {
        "tenant": placed.schema,
        "pid": str(process.pid),
        "parent": str(process.parent_id) if process.parent_id else None,
        "group": str(process.group),
        "agent": process.agent,
        "state": process.state,
        "signal": process.signal,
        "priority": _class_of(process),
        "steps": process.used_steps,
        "tokens": process.used_tokens,
        "tool_calls": process.used_tool_calls,
        "worker": process.worker,
        "created_at": process.created_at.isoformat(),
        "ended_at": process.ended_at.isoformat() if process.ended_at else None,
    }
