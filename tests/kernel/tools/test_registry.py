import pytest
from pydantic import BaseModel

from kernel.guardrails.taint import Taint
from kernel.tools import registry
from kernel.tools.registry import UnknownTool, tool, tool_named, tools_registered


class Nothing(BaseModel):
    pass


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_tools", {})


def test_tool_is_found_by_its_name_and_tells_of_itself() -> None:
    @tool("evidence.read", schema=Nothing, side_effect=False, resource="evidence:1", taint=Taint.UNTRUSTED)
    def read(_: Nothing) -> str:
        """Read one piece
        of evidence."""
        return "text"

    found = tool_named("evidence.read")
    assert (found.action, found.side_effect, found.taint, found.resource_of(None)) == (
        "evidence.read", False, Taint.UNTRUSTED, "evidence:1",
    )  # fmt: skip
    assert found.as_json_schema()["description"] == "Read one piece of evidence."
    assert tools_registered() == [found]


def test_a_second_tool_cannot_take_a_name() -> None:
    tool("a.b", schema=Nothing, side_effect=False)(lambda _: 1)
    with pytest.raises(ValueError, match="registered already"):
        tool("a.b", schema=Nothing, side_effect=False)(lambda _: 2)
    assert tool_named("a.b").function(None) == 1


@pytest.mark.parametrize("name", ["read", "Evidence.read", "evidence.", "", "evidence.read; drop"])
def test_a_name_is_two_words_at_least(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        tool(name, schema=Nothing, side_effect=False)


def test_unknown_tool_says_which_there_are() -> None:
    tool("a.b", schema=Nothing, side_effect=False)(lambda _: 1)
    with pytest.raises(UnknownTool, match=r"a\.b"):
        tool_named("a.c")
