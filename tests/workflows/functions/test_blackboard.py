"""Writing on the board."""

from typing import Any

import pytest

from workflows.functions.blackboard import MOST_ENTRIES, written
from workflows.steps.protocol import StepTerminal


def entry(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "topic": "t", "text": "…", **more}


def test_written_once_by_its_first_author() -> None:
    found = written(
        {"a": entry("a", by="x")}, {"y": {"entries": [entry("a"), entry("b")]}, "z": {"entries": [entry("b")]}, "w": None}
    )
    assert (found["added"], found["written"]) == (1, {"y": 1})
    assert (found["board"]["a"]["by"], found["board"]["b"]["by"]) == ("x", "y")


def test_entry_that_says_nothing_is_refused() -> None:
    with pytest.raises(StepTerminal, match="y wrote an entry without topic, text"):
        written({}, {"y": {"entries": [{"key": "a"}]}})


def test_board_has_an_end() -> None:
    with pytest.raises(StepTerminal, match=f"{MOST_ENTRIES} are the most"):
        written({}, {"y": {"entries": [entry(str(n)) for n in range(MOST_ENTRIES + 1)]}})
