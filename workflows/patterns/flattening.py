"""A hole of a pattern that was filled with one plain step becomes that step: no run of its own for what is one step anyway."""

import re
from collections.abc import Mapping
from typing import Any

_ONLY, _RESULT = "do", "${steps.do.output}"
_PLAIN = frozenset({"agent", "tool", "compute", "emit"})
# What the step around may say beside its inputs; anything else, and the step stays as it is.
_AROUND = frozenset({"kind", "title", "next", "inputs", "body"})
_INPUT = re.compile(r"\$\{ *inputs\.([a-z][a-z0-9_]*)((?:\.[A-Za-z0-9_]+)*) *\}")
_REFERENCE = re.compile(r"\$\{([^{}]+)\}")

type Raw = dict[str, Any]


def flattened(graph: Raw) -> Raw:
    """The graph with such steps in place of the workflow steps around them."""
    return {**graph, "steps": {key: _flat(step) for key, step in graph["steps"].items()}}


def _flat(step: Any) -> Any:
    if not isinstance(step, Mapping):
        return step
    if step.get("kind") in ("map", "loop") and isinstance(step.get("body"), Mapping) and "steps" in step["body"]:
        return {**step, "body": flattened(dict(step["body"]))}
    if step.get("kind") != "workflow" or not set(step) <= _AROUND:
        return step
    plain = _only(step.get("body"))
    if plain is None or (moved := _moved(plain, step.get("inputs") or {})) is None:
        return step
    around = {name: step[name] for name in ("title", "next") if name in step}
    return {**around, **moved}


def _only(body: Any) -> Mapping[str, Any] | None:
    """The one plain step of a body that is nothing else."""
    if not isinstance(body, Mapping) or body.get("result") != _RESULT or set(body["steps"]) != {_ONLY}:
        return None
    step = body["steps"][_ONLY]
    fits = isinstance(step, Mapping) and step.get("kind") in _PLAIN and "next" not in step and "compensate" not in step
    return step if fits else None


def _moved(value: Any, inputs: Mapping[str, Any]) -> Any:
    """``value`` with what it reads of its inputs read where these come from; None where that cannot be said by a reference."""
    try:
        return _put(value, inputs)
    except LookupError:
        return None


def _put(value: Any, inputs: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _put(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_put(item, inputs) for item in value]
    if not isinstance(value, str):
        return value
    if "$${" in value:
        raise LookupError("a text that speaks about references stays where it is")
    return _INPUT.sub(lambda found: _source(found, inputs), value)


def _source(found: re.Match[str], inputs: Mapping[str, Any]) -> str:
    given = inputs.get(found[1])
    whole = _REFERENCE.fullmatch(given) if isinstance(given, str) else None
    if whole is None:
        raise LookupError(found[1])
    return f"${{{whole[1].strip()}{found[2]}}}"
