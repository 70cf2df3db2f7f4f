"""Workflows, patterns and their parts as pages show them."""

import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from vos.web.presenters.flows import graph_flow, insides_of
from vos.web.presenters.run_steps import kind_of
from vos.web.presenters.values import label_of, plain
from vos.web.workflow_texts import workflow_text
from workflows.definition import CompositeStep, Definition
from workflows.definition.graph import definition_graph
from workflows.definition.values import InputSpec
from workflows.patterns import Pattern, patterns
from workflows.publishing.models import DefinitionState, DefinitionVersion
from workflows.publishing.selectors import text_published

_PATTERN = re.compile(r"\bpattern: *([a-z_]+)")


def workflow_row(definition: Definition, runs: Mapping[str, int], *, is_own: bool = False) -> dict[str, Any]:
    """One line of the library."""
    return {
        "title": definition.title,
        "name": definition.name,
        "version": definition.version,
        "description": definition.description,
        "url": reverse("web:workflow", args=[definition.name]),
        "steps": len(definition.steps),
        "runs": runs.get(definition.name, 0),
        "patterns": sorted(patterns_used(definition)),
        "is_own": is_own,
    }


def draft_row(draft: DefinitionVersion) -> dict[str, Any]:
    """A draft in the library."""
    url = reverse("web:workflow_edit", args=[draft.public_id])
    return {"title": draft.title, "name": draft.name, "version": draft.version, "url": url, "saved_at": draft.saved_at}


def version_row(row: DefinitionVersion) -> dict[str, Any]:
    """One version of a tenant's own definition, and what can be done about it."""
    return {
        "version": row.version,
        "state": row.state,
        "at": row.published_at or row.saved_at,
        "edit_url": reverse("web:workflow_edit", args=[row.public_id]),
        "retire_url": reverse("web:workflow_retire", args=[row.public_id]) if row.state == DefinitionState.PUBLISHED else "",
    }


def pattern_row(pattern: Pattern, used_by: list[str]) -> dict[str, Any]:
    """One line of the list of patterns."""
    return {
        "title": pattern.title,
        "name": pattern.name,
        "version": pattern.version,
        "description": pattern.description,
        "url": reverse("web:workflow_pattern", args=[pattern.name]),
        "used_by": used_by,
    }


def pattern_parameters(pattern: Pattern) -> list[dict[str, Any]]:
    """The holes of a pattern."""
    return [
        {
            "name": name,
            "type": one.type,
            "required": one.required and one.default is None,
            "default": plain(one.default) if not isinstance(one.default, Mapping | list) else _("see the text"),
            "description": one.description,
        }
        for name, one in pattern.parameters.items()
    ]


def patterns_used(definition: Definition) -> set[str]:
    """The names of the patterns that a definition is made of, however deep; by its text, since a pattern inside
    another leaves only its steps behind."""
    return set(_PATTERN.findall(workflow_text(definition.name) or text_published(definition.name) or "")) & set(patterns())


def workflow_shown(definition: Definition) -> dict[str, Any]:
    """A definition with its picture, inputs and steps."""
    graph = definition_graph(definition)
    return {
        "title": definition.title,
        "name": definition.name,
        "version": definition.version,
        "description": definition.description,
        "hash": definition.content_hash,
        "flow": graph_flow(graph, title=definition.title, href=lambda key: f"#step-{key}"),
        "insides": insides_of(graph),
        "inputs": [_input(name, spec) for name, spec in definition.inputs.items()],
        "gives": [_input(name, spec) for name, spec in definition.gives.items()],
        "steps": [_step(node.key, node.title, node.kind, node.detail, definition) for node in graph.nodes],
    }


def _input(name: str, spec: InputSpec) -> dict[str, Any]:
    return {
        "name": name,
        "label": label_of(name),
        "type": _type(spec),
        "required": spec.required and spec.default is None,
        "default": plain(spec.default) if spec.default is not None else "",
        "description": spec.description,
    }


def _type(spec: InputSpec) -> str:
    if spec.one_of:
        return _("one of %(values)s") % {"values": ", ".join(map(str, spec.one_of))}
    words = {
        "text": _("text"), "integer": _("whole number"), "number": _("number"), "boolean": _("yes or no"), "list": _("list"),
        "mapping": _("names with values"), "any": _("anything"),
    }  # fmt: skip
    told = words.get(spec.type, spec.type)
    if spec.items is not None:
        told = _("list of %(items)s") % {"items": _type(spec.items)}
    bounds = [
        f"≥ {spec.minimum:g}" if spec.minimum is not None else "",
        f"≤ {spec.maximum:g}" if spec.maximum is not None else "",
    ]
    return " ".join(part for part in (told, *bounds) if part)


def _step(key: str, title: str, kind: str, detail: str, definition: Definition) -> dict[str, Any]:
    spec = definition.steps[key]
    return {
        "key": key,
        "title": title,
        "kind": kind_of(kind),
        "detail": detail,
        "url": reverse("web:workflow", args=[detail]) if isinstance(spec, CompositeStep) and spec.workflow == detail else "",
        "attempts": spec.retry.attempts,
        "undone": spec.compensate is not None,
    }
