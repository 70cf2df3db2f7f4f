"""What a deterministic method understands of a person's words: three forms, each whole, and nothing that is only near them.

Figures are not among them: a figure counts by its source, so who wants another one adds it to the evidence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FORMS = "“Leave out <driver>”, “Note: <text>”, “Never say <words>”"
_LEAVE_OUT = re.compile(r"(?:please )?(?:leave out|exclude|do not count|don['’]t count) (?:the )?(.+?)(?: out)?", re.IGNORECASE)
_NOTE = re.compile(r"note: *(.+)", re.IGNORECASE | re.DOTALL)
_NEVER_SAY = re.compile(r"(?:please )?(?:never say|do not say|don['’]t say)[: ] *(.+?)", re.IGNORECASE)
_MARKS = " .!\"'“”‘’"


@dataclass(frozen=True)
class Instruction:
    """``what`` is the key of a driver to leave out, the text of a note, or words that must not be said."""

    kind: Literal["leave_out", "note", "never_say"]
    what: str


class NotUnderstood(ValueError):
    """The message is none of the forms, or names a driver that is not there; says what would be understood."""


def instruction_of(message: str, drivers: Mapping[str, str]) -> Instruction:
    """Read a message; ``drivers`` are the labels of those that can be left out, by key. Raises NotUnderstood."""
    text = message.strip()
    if (found := _NOTE.fullmatch(text)) is not None:
        return Instruction("note", found[1].strip())
    flat = " ".join(text.split()).rstrip(".!")
    if (found := _NEVER_SAY.fullmatch(flat)) is not None:
        return Instruction("never_say", found[1].strip(_MARKS))
    if (found := _LEAVE_OUT.fullmatch(flat)) is not None:
        return Instruction("leave_out", _driver(found[1].strip(_MARKS), drivers))
    raise NotUnderstood(f"Its method understands {FORMS}; a figure it takes from the evidence only.")


def _driver(named: str, drivers: Mapping[str, str]) -> str:
    for key, label in drivers.items():
        if named.casefold() in (key.casefold(), label.casefold()):
            return key
    there = "; ".join(f"{key} ({label})" for key, label in drivers.items())
    raise NotUnderstood(f"There is no driver “{named}” to leave out. There are: {there}.")
