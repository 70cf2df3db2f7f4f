"""The one registry of tools. A tool is a function with a typed schema for its arguments and a word on what it touches."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from kernel.guardrails.taint import Taint

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

type ToolFunction = Callable[[Any], Any]
type ResourceOf = Callable[[Any], str]


@dataclass(frozen=True)
class Tool:
    """One tool.

    ``action`` and the resource made from its arguments are what a token must allow. ``side_effect`` says that it changes
    something or leaves the system. ``taint`` is what its result carries by itself: a tool that fetches text is untrusted.
    """

    name: str
    schema: type[BaseModel]
    function: ToolFunction
    side_effect: bool
    action: str
    resource_of: ResourceOf
    taint: Taint
    description: str

    def as_json_schema(self) -> dict[str, Any]:
        """The tool as models and MCP clients are told of it."""
        return {"name": self.name, "description": self.description, "inputSchema": self.schema.model_json_schema()}


class UnknownTool(LookupError):
    """No tool of this name is registered."""


_tools: dict[str, Tool] = {}


def tool[F: ToolFunction](
    name: str,
    *,
    schema: type[BaseModel],
    side_effect: bool,
    action: str = "",
    resource: ResourceOf | str = "*",
    taint: Taint = Taint.CLEAN,
) -> Callable[[F], F]:
    """Register the decorated function, which takes one instance of ``schema``, as the tool ``name`` (``evidence.read``).

    ``action`` is the capability it needs, its name unless given. ``resource`` is a text or makes one of the arguments
    (``lambda a: f"evidence:{a.id}"``); left out, only a token for everything allows the tool.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"A tool's name is like evidence.read, not {name!r}.")

    def register(function: F) -> F:
        resource_of: ResourceOf = (lambda _: resource) if isinstance(resource, str) else resource
        text = " ".join((function.__doc__ or "").split())
        entry = Tool(name, schema, function, side_effect, action or name, resource_of, taint, text)
        if name in _tools and _tools[name].function is not function:
            raise ValueError(f"A tool named {name!r} is registered already.")
        _tools[name] = entry
        return function

    return register


def tool_named(name: str) -> Tool:
    """The tool of this name; raises UnknownTool."""
    try:
        return _tools[name]
    except KeyError as error:
        raise UnknownTool(f"There is no tool {name!r}. There are: {', '.join(sorted(_tools)) or 'none'}.") from error


def tools_registered() -> list[Tool]:
    """All tools by name."""
    return [_tools[name] for name in sorted(_tools)]
