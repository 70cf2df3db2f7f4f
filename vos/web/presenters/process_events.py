"""What an agent says while it works, in sentences; the same on the page and over the socket."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from kernel.processes.models import ProcessEvent
from vos.web.templatetags.figures import figure

type Data = Mapping[str, Any]

_MARKS = '"“”'  # a quotation may bring its own


def _state(data: Data) -> str:
    waits = {"application": _("Proposed; is being applied")}
    words = {
        "new": _("Created"),
        "ready": _("Ready to go on"),
        "running": _("Working"),
        "suspended": _("Paused"),
        "preempted": _("Waits for somebody more urgent"),
        "done": _("Done"),
        "failed": _("Failed"),
        "killed": _("Stopped"),
    }
    if data.get("state") == "waiting":
        return waits.get(str(data.get("for")), _("Waiting"))
    return words.get(str(data.get("state")), str(data.get("state", "")))


def _computed(data: Data) -> str:
    if "measure" in data:
        return _("Net present value: %(value)s") % {"value": figure(data["value"])}
    if not data.get("counted", True):
        return _("%(label)s: listed, not counted") % {"label": data["label"]}
    return _("%(label)s: present value %(value)s") % {"label": data["label"], "value": figure(data["pv"])}


def _rule(data: Data) -> str:
    words = {"passed": _("passed"), "warned": _("passed with a warning"), "failed": _("failed")}
    return f"{data.get('title')}: {words.get(str(data.get('status')), data.get('status'))}"


def _found(data: Data) -> str:
    quotation = " ".join(str(data.get("quotation", "")).split())
    if len(quotation) > 1 and quotation[0] in _MARKS and quotation[-1] in _MARKS:
        quotation = quotation[1:-1]
    return f"{data.get('claim')} “{quotation}”" if quotation else str(data.get("claim"))


def _told(data: Data) -> str:
    return _("A person: “%(message)s”") % {"message": data.get("message")}


def _heard(data: Data) -> str:
    return _("Honoured: “%(message)s”") % {"message": data.get("message")}


def _unheard(data: Data) -> str:
    return _("Not honoured: %(why)s") % {"why": data.get("why")}


def _method(data: Data) -> str:
    return _("Matched by %(method)s; %(assumptions)s assumptions found") % {
        "method": data.get("method"),
        "assumptions": data.get("assumptions"),
    }


def _proposed(data: Data) -> str:
    notes = "; ".join(str(note) for note in data.get("notes", []))
    words = _("Method: %(method)s.") % {"method": data.get("method")}
    return f"{words} {notes}".strip()


def _model(data: Data) -> str:
    return _("%(deployment)s answered, %(tokens)s tokens") % data


_WORDS: Mapping[str, Callable[[Data], str]] = {
    "state": _state,
    "computed": _computed,
    "rule": _rule,
    "found": _found,
    "method": _method,
    "proposed": _proposed,
    "model": _model,
    "steer": _told,
    "heard": _heard,
    "unheard": _unheard,
}


def event_text(kind: str, data: Data) -> str:
    """One event as a sentence; kinds without words of their own say their text, or their name."""
    if kind in _WORDS:
        return _WORDS[kind](data)
    return str(data.get("text") or data.get("question") or data.get("message") or kind.replace("_", " "))


def event_shown(event: ProcessEvent) -> dict[str, Any]:
    """One event as the page shows it."""
    return {"number": event.number, "at": event.occurred_at, "kind": event.kind, "text": event_text(event.kind, event.data)}
