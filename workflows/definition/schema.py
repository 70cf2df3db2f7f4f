"""The published JSON schema of definitions, for editors that complete and underline while one writes."""

import json
from typing import Any

from workflows.definition.document import Definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definition_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a definition as it is written: with patterns and compositions, which become steps later."""
    schema = Definition.model_json_schema()
    parts = schema["$defs"]
    for part in ("Body", "Definition"):
        steps = parts[part]["properties"]["steps"]
        parts[part]["properties"]["steps"] = {"$ref": steps["$ref"], "minProperties": 1, "maxProperties": 500}
    for part in ("MapStep", "LoopStep", "WorkflowStep"):
        parts[part]["properties"].pop("linked", None)  # filled in by the library, not by who writes
    parts["PatternStep"] = _pattern_step(parts["WorkflowStep"])
    parts["Compose"] = _COMPOSE
    _with_short_forms(parts)
    for part in ("Body", "Definition"):
        _with_compose(parts[part])
    return {"$schema": DIALECT, **schema, "title": "VOS workflow definition"}


def schema_text() -> str:
    """The schema as the file that is published: sorted and indented, with a line feed at its end."""
    return json.dumps(definition_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


_COMPOSE: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "description": "Capabilities, one after the other.",
    "items": {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["do"],
                "properties": {
                    "do": {"type": "string"},
                    "key": {"$ref": "#/$defs/Key"},
                    "with": {"type": "object"},
                    "constraints": {"$ref": "#/$defs/Constraints"},
                },
            },
        ]
    },
}
_KEPT = ("title", "next", "inputs", "output", "retry", "timeout_seconds", "compensate", "constraints", "lane")


def _pattern_step(workflow: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "One of the patterns of the library, with its holes filled.",
        "additionalProperties": False,
        "required": ["kind", "pattern"],
        "properties": {
            "kind": {"const": "pattern"},
            "pattern": {"type": "string"},
            "with": {"type": "object"},
            **{name: workflow["properties"][name] for name in _KEPT},
        },
    }


def _with_short_forms(parts: dict[str, Any]) -> None:
    """What may be written shorter than it is kept: a type by its name alone, one next step, a single step as a body."""
    parts["ValueSpec"] = {"anyOf": [{"$ref": "#/$defs/InputType"}, {"$ref": "#/$defs/InputSpec"}]}
    parts["StepSpec"]["oneOf"].append({"$ref": "#/$defs/PatternStep"})
    parts["StepSpec"]["discriminator"]["mapping"]["pattern"] = "#/$defs/PatternStep"
    for part in parts.values():
        following = part.get("properties", {}).get("next", {})
        if following.get("type") == "array":
            part["properties"]["next"] = {"anyOf": [{"$ref": "#/$defs/Key"}, following]}
    by_name = {
        "type": "object",
        "required": ["workflow"],
        "properties": {"workflow": {"type": "string"}, "inputs": {"type": "object"}},
    }
    filled = {
        "type": "object",
        "required": ["pattern"],
        "properties": {"pattern": {"type": "string"}, "with": {"type": "object"}},
    }
    closed = [{**form, "additionalProperties": False} for form in (by_name, filled)]
    parts["Inside"] = {"anyOf": [{"$ref": "#/$defs/Body"}, {"$ref": "#/$defs/StepSpec"}, *closed]}


def _with_compose(graph: dict[str, Any]) -> None:
    graph["properties"]["compose"] = {"$ref": "#/$defs/Compose"}
    graph["required"] = [name for name in graph["required"] if name != "steps"]
    graph["oneOf"] = [{"required": ["steps"]}, {"required": ["compose"]}]
