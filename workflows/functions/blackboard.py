"""The board that several sources of knowledge write on."""

from collections.abc import Mapping
from typing import Any

from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun, StepTerminal

MOST_ENTRIES = 1_000
_FIELDS = ("key", "topic", "text")


def written(board: Mapping[str, Any], contributions: Mapping[str, Any]) -> dict[str, Any]:
    """The board with what is new on it, and how much that is. What stands there stays: a key is written by its first author.

    Raises StepTerminal for entries without key, topic and text, and for a board that is too large.
    """
    after = dict(board)
    by: dict[str, int] = {}
    for source, given in contributions.items():
        for entry in (given or {}).get("entries", ()):
            if missing := [field for field in _FIELDS if not entry.get(field)]:
                raise StepTerminal(f"{source} wrote an entry without {', '.join(missing)}.")
            if entry["key"] not in after:
                after[entry["key"]] = {**entry, "by": source}
                by[source] = by.get(source, 0) + 1
    if len(after) > MOST_ENTRIES:
        raise StepTerminal(f"The board has {len(after)} entries; {MOST_ENTRIES} are the most.")
    return {"board": after, "added": len(after) - len(board), "written": by}


def _write(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return written(run.inputs["board"], run.inputs["contributions"])


FUNCTIONS = (StepFunction("blackboard.write", commit=_write),)
