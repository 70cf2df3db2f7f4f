"""The drawing of a definition."""

from tests.factories.workflows import definition_of
from workflows.definition import GraphEdge, definition_graph


def test_graph_has_layers_lanes_and_labels() -> None:
    graph = definition_graph(
        definition_of(
            """
start: {kind: compute, function: test.value, next: choice}
choice: {kind: branch, cases: [{when: "${steps.start.output.n} > 3", next: ask}, {when: "${inputs.k}", equals: true, next: end}]}
ask: {kind: approval, action: case.commit, subject: "case:1", rejected: other, next: end, lane: people}
other: {kind: emit, event: refused, next: end, compensate: {function: test.value}}
end: {kind: wait, seconds: 60}
""",
            inputs="{k: boolean}",
        )
    )
    places = {node.key: (node.layer, node.lane) for node in graph.nodes}
    assert places == {"start": (0, 0), "choice": (1, 0), "ask": (2, 0), "other": (3, 0), "end": (4, 0)}
    assert graph.edges == (
        GraphEdge("start", "choice"),
        GraphEdge("choice", "ask", "${steps.start.output.n} > 3"),
        GraphEdge("choice", "end", "${inputs.k} = true"),
        GraphEdge("ask", "end"),
        GraphEdge("ask", "other", "rejected"),
        GraphEdge("other", "end"),
    )
    ask, other = graph.nodes[2:4]
    assert (ask.detail, ask.group, other.compensated, other.detail) == ("case.commit", "people", True, "refused")


def test_graph_puts_what_runs_beside_each_other_in_lanes_of_one_layer() -> None:
    graph = definition_graph(
        definition_of("""
a: {kind: compute, function: test.value, next: [b, c, d]}
b: {kind: compute, function: test.value}
c: {kind: compute, function: test.value}
d: {kind: compute, function: test.value}
""")
    )
    assert [(node.layer, node.lane) for node in graph.nodes] == [(0, 0), (1, 0), (1, 1), (1, 2)]
    assert (graph.layers, graph.lanes) == (2, 3)


def test_graph_shows_the_inside_of_composite_steps() -> None:
    graph = definition_graph(
        definition_of("""
a:
  kind: map
  bodies:
    one: {kind: compute, function: test.value}
    two: {kind: loop, until: "${last.passed}", most: 3, body: {kind: compute, function: test.effect}}
""")
    )
    (one, inside_one), (two, inside_two) = graph.nodes[0].inside
    assert (one, inside_one.nodes[0].detail, two, inside_two.nodes[0].detail) == (
        "one", "test.value", "two", "until ${last.passed}, 3 at the most",
    )  # fmt: skip
    assert inside_two.nodes[0].inside[0][1].nodes[0].detail == "test.effect"
