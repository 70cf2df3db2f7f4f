"""A definition as a drawing needs it: nodes in layers and lanes, edges with labels. Pure; places are numbers, not pixels."""

from dataclasses import dataclass

from workflows.definition.document import (
    AgentStep,
    ApprovalStep,
    BranchCase,
    BranchStep,
    CompositeStep,
    ComputeStep,
    EmitStep,
    Graph,
    LoopStep,
    MapStep,
    StepSpec,
    ToolStep,
    WaitStep,
)

_COMPARED = (("equals", "="), ("one_of", "in"), ("at_least", "≥"), ("at_most", "≤"))


@dataclass(frozen=True)
class GraphNode:
    """One step. ``layer`` counts from the start along the longest way, ``lane`` within the layer from the top.

    ``detail`` is what it names (agent, function, event …), ``group`` the row of the drawing that its author put it in; ``inside``
    are the graphs of a composite step, each with a name.
    """

    key: str
    kind: str
    title: str
    layer: int
    lane: int
    detail: str = ""
    group: str = ""
    pattern: str = ""
    compensated: bool = False
    inside: tuple[tuple[str, "DefinitionGraph"], ...] = ()


@dataclass(frozen=True)
class GraphEdge:
    """One way from a step to another. ``label`` says when it is taken; empty for the usual way."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class DefinitionGraph:
    """Nodes in the order of the file. ``layers`` and ``lanes`` are how many of them there are."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    layers: int
    lanes: int


def definition_graph(definition: Graph) -> DefinitionGraph:
    """The drawing of a definition, or of a body in one. The graph must have been checked: it has no cycle."""
    layers = _layers(definition)
    lanes = _lanes(definition, layers)
    nodes = tuple(_node(key, spec, layers[key], lanes[key]) for key, spec in definition.steps.items())
    edges = tuple(edge for key, spec in definition.steps.items() for edge in _edges(key, spec))
    return DefinitionGraph(nodes, edges, max(layers.values()) + 1, max(lanes.values()) + 1)


def _layers(graph: Graph) -> dict[str, int]:
    """Each step's longest way from the start, in steps; in topological order, so every step is looked at once."""
    before = {key: graph.before(key) for key in graph.steps}
    found: dict[str, int] = {}
    while len(found) < len(before):
        ready = [key for key, earlier in before.items() if key not in found and all(other in found for other in earlier)]
        if not ready:
            raise ValueError("The steps go round in a circle; only a checked definition can be drawn.")
        for key in ready:
            found[key] = max((found[other] + 1 for other in before[key]), default=0)
    return found


def _lanes(graph: Graph, layers: dict[str, int]) -> dict[str, int]:
    """The first free lane of the layer, near the step that leads there, so that ways cross little."""
    lanes: dict[str, int] = {}
    for layer in range(max(layers.values()) + 1):
        taken: set[int] = set()
        for key in sorted((key for key in layers if layers[key] == layer), key=graph.order.__getitem__):
            wanted = min((lanes[other] for other in graph.before(key)), default=0)
            lanes[key] = next(lane for lane in range(wanted, wanted + len(layers) + 1) if lane not in taken)
            taken.add(lanes[key])
    return lanes


def _node(key: str, spec: StepSpec, layer: int, lane: int) -> GraphNode:
    composite = spec if isinstance(spec, CompositeStep) else None
    return GraphNode(
        key=key,
        kind=spec.kind,
        title=spec.title or key.replace("_", " ").capitalize(),
        layer=layer,
        lane=lane,
        detail=_detail(spec),
        group=spec.lane,
        pattern=composite.pattern if composite else "",
        compensated=spec.compensate is not None,
        inside=tuple((name, definition_graph(graph)) for name, graph in composite.insides) if composite else (),
    )


def _detail(spec: StepSpec) -> str:
    match spec:
        case AgentStep(agent=name) | ToolStep(tool=name) | ApprovalStep(tool=str(name)) | EmitStep(event=name):
            said: str | None = name
        case ApprovalStep(action=name):
            said = name
        case ComputeStep():
            said = spec.function or ", ".join(spec.values)
        case WaitStep():
            said = spec.event or spec.signal or spec.function or spec.at or f"{spec.seconds:g} s"
        case LoopStep() if spec.until:
            said = f"until {spec.until}, {spec.bound} at the most"
        case MapStep():
            said = spec.over
        case CompositeStep():
            said = spec.pattern or spec.workflow
        case _:
            said = ""
    return said or ""


def _edges(key: str, spec: StepSpec) -> list[GraphEdge]:
    if isinstance(spec, BranchStep):
        cases = [GraphEdge(key, case.next, _when(case)) for case in spec.cases]
        return [*cases, *([GraphEdge(key, spec.otherwise, "otherwise")] if spec.otherwise else [])]
    usual = [GraphEdge(key, target) for target in spec.next]
    if isinstance(spec, ApprovalStep) and spec.rejected:
        usual.append(GraphEdge(key, spec.rejected, "rejected"))
    return usual


def _when(case: BranchCase) -> str:
    for name, sign in _COMPARED:
        if (value := getattr(case, name)) is not None:
            return f"{case.when} {sign} {_shown(value)}"
    return case.when


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
