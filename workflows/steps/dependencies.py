"""What outside our database a step depends on, by name: whatever keeps failing under one name is left alone for all steps.

An agent is ``agent:target``; a function says it (``connector:salesforce``, ``storage:blobs``); a tool is ``tool:crm.read``, or
the host that it calls (``host:hooks.example.com``), so that one host that is down does not keep the tool from the others.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kernel.tools.registry import UnknownTool, tool_named
from workflows.definition import AgentStep, ComputeStep, StepSpec, ToolStep
from workflows.steps.functions import UnknownFunction, function_of

BLOBS = "storage:blobs"
_HOST = "host:"
_LONGEST = 160


def dependency_of(spec: StepSpec, inputs: Mapping[str, Any] | None = None) -> str:
    """The name of what the step depends on, with these resolved inputs; empty for nothing."""
    match spec:
        case AgentStep(agent=name):
            found = f"agent:{name}"
        case ToolStep(tool=name):
            found = _of_tool(name, (inputs or {}).get("arguments") or {})
        case ComputeStep(function=str(name)):
            found = _of_function(name, inputs or {})
        case _:
            found = ""
    return found[:_LONGEST]


def _of_tool(name: str, arguments: Mapping[str, Any]) -> str:
    try:
        called = tool_named(name)
        resource = called.resource_of(called.schema.model_validate(dict(arguments)))
    except (UnknownTool, ValidationError):
        return f"tool:{name}"  # the call itself is refused, with its reason
    return resource if resource.startswith(_HOST) else f"tool:{name}"


def _of_function(name: str, inputs: Mapping[str, Any]) -> str:
    try:
        said = function_of(name).depends_on
    except UnknownFunction:
        return ""
    return said if isinstance(said, str) else said(inputs)
