"""What a run gives when it is over."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.definition.document import Graph
from workflows.references import ReferenceUnresolved, resolve


def result_of(graph: Graph, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a run of ``graph``, which says one, out of its data (``inputs``, ``steps``, ``execution``); JSON-ready.

    A result that is no mapping is put under ``value``. What the run did not come by is None: a branch went past it.
    """
    found = _resolved(graph.result, scope)
    return dict(found) if isinstance(found, Mapping) else {"value": found}


def _resolved(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolved(item, scope) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_resolved(item, scope) for item in value]
    try:
        return resolve(value, scope)
    except ReferenceUnresolved:
        return None
