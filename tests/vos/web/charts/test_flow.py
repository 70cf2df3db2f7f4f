"""The picture of a workflow: layers, lines that run round boxes, words for who sees no picture."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from vos.web.charts.flow import FlowLine, FlowStep, flow
from vos.web.charts.layers import layered

SVG = "{http://www.w3.org/2000/svg}"
BOX, GAP = 196.0, 24.0


def test_layers_follow_the_longest_way() -> None:
    layout = layered("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")], box=BOX, gap=GAP)
    assert dict(layout.layer) == {"a": 0, "b": 1, "c": 2, "d": 3}
    assert layout.layers == 4


def test_a_line_over_a_layer_runs_beside_the_box_between() -> None:
    layout = layered("abc", [("a", "b"), ("b", "c"), ("a", "c")], box=BOX, gap=GAP)
    way = layout.ways["a", "c"]
    assert [layer for _across, layer in way] == [0, 1, 2]
    assert abs(way[1][0] - layout.across["b"]) > BOX / 2


def test_a_chain_is_one_straight_column() -> None:
    layout = layered("abc", [("a", "b"), ("b", "c")], box=BOX, gap=GAP)
    assert {BOX / 2} == set(layout.across.values())
    assert layout.width == BOX


def test_a_circle_is_drawn_and_does_not_hang() -> None:
    layout = layered("abc", [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")], box=BOX, gap=GAP)
    assert dict(layout.layer) == {"a": 0, "b": 1, "c": 2}
    assert set(layout.ways) == {("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")}


@settings(max_examples=40)
@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_no_boxes_overlap_and_every_line_goes_down(pairs: set[tuple[int, int]]) -> None:
    keys = [str(number) for number in range(10)]
    lines = [(str(min(a, b)), str(max(a, b))) for a, b in sorted(pairs) if a != b]
    layout = layered(keys, lines, box=BOX, gap=GAP)
    for layer in range(layout.layers):
        row = sorted(layout.across[key] for key in keys if layout.layer[key] == layer)
        assert all(right - left >= BOX + GAP - 1e-6 for left, right in pairwise(row))
    assert all(layout.layer[source] < layout.layer[target] for source, target in lines)
    for key in keys:
        assert BOX / 2 - 1e-6 <= layout.across[key] <= layout.width - BOX / 2 + 1e-6


def drawn(**more: object) -> ET.Element:
    steps = [
        FlowStep("a", "Find <hypotheses> & more", "agent", href="#step-a", state="done", state_label="Done"),
        FlowStep("b", "Passed?", "branch", parts="two side by side"),
        FlowStep("c", "Ask", "approval", href="#step-c"),
    ]
    lines = [FlowLine("a", "b", is_taken=True), FlowLine("b", "c", "otherwise", is_taken=False), FlowLine("b", "gone")]
    return ET.fromstring(str(flow(steps, lines, title="A probe, step by step")))


def test_the_picture_in_words() -> None:
    svg = drawn()
    assert svg.find(f"{SVG}title").text == "A probe, step by step"  # type: ignore[union-attr]
    told = svg.find(f"{SVG}desc").text  # type: ignore[union-attr]
    assert told == "Find <hypotheses> & more, agent, Done → Passed?; Passed?, branch → Ask (otherwise); Ask, approval"


def test_boxes_with_a_page_can_be_reached_by_keyboard_in_the_order_of_the_steps() -> None:
    svg = drawn()
    assert svg.get("role") == "group"
    links = svg.findall(f"{SVG}a")
    assert [link.get("href") for link in links] == ["#step-a", "#step-c"]
    assert links[0].get("aria-label") == "Find <hypotheses> & more, agent, Done"


def test_ways_taken_and_not_taken_are_told_apart() -> None:
    classes = [group.get("class") for group in drawn().findall(f"{SVG}g")]
    assert "flow-line flow-line--taken" in classes
    assert "flow-line flow-line--not-taken" in classes
