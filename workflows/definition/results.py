"""What a run gives when it is over."""

from collections.abc import Mapping
from typing import Any

from workflows.definition.document import Graph
from workflows.references import resolve


def result_of(graph: Graph, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a run of ``graph`` out of its data (``inputs``, ``steps``, ``execution``), JSON-ready.

    A result that is no mapping is put under ``value``. Raises ReferenceUnresolved where it names what was not done.
    """
    if graph.result is not None:
        found = resolve(graph.result, scope)
        return dict(found) if isinstance(found, Mapping) else {"value": found}
    done: Mapping[str, Any] = scope["steps"]
    outputs = {key: done[key]["output"] for key in graph.ends if key in done}
    return dict(next(iter(outputs.values()))) if len(outputs) == 1 else outputs
