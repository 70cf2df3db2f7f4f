"""The value tree's picture, folding, and its export."""

import itertools
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

from vos.web.charts import Link, Node, standalone, value_tree
from vos.web.charts.tree import visible

SVG = "{http://www.w3.org/2000/svg}"
NODES = [
    Node("o", 0, "Objective"),
    Node("k1", 1, "Retention", href="/source/1/"),
    Node("k2", 1, "Spending"),
    Node("i", 2, "Revenue", "$16.7 m", impact="revenue"),
]
LINKS = [
    Link("o", "k1", "revenue", Decimal(10)),
    Link("o", "k2", "revenue", Decimal(5)),
    Link("k1", "i", "revenue", Decimal(10)),
    Link("k2", "i", "revenue", Decimal(5), counted=False),
]
COLUMNS = ("Objective", "KPI", "Impact")


def _tree(**more):
    return ET.fromstring(str(value_tree(columns=COLUMNS, nodes=NODES, links=LINKS, title="t", **more)))


def test_flows_are_as_thick_as_their_value() -> None:
    flows = [path for path in _tree().iter(f"{SVG}path") if path.get("class") == "flow-revenue"]
    assert [float(path.get("stroke-width")) for path in flows] == [56, 28, 56]


def test_what_is_not_counted_is_thin_and_broken() -> None:
    broken = [path for path in _tree().iter(f"{SVG}path") if path.get("class") == "flow-uncounted"]
    assert [path.get("stroke-width") for path in broken] == ["2"]


def test_a_node_with_a_source_is_a_link_that_opens_the_drawer() -> None:
    link = next(_tree(drawer="#drawer-content").iter(f"{SVG}a"))
    assert (link.get("href"), link.get("hx-get"), link.get("hx-target")) == ("/source/1/", "/source/1/", "#drawer-content")


def test_folding_leaves_out_what_lies_only_behind() -> None:
    assert visible(NODES, LINKS, {"k1"}) == {"o", "k1", "k2", "i"}
    assert visible(NODES, LINKS, {"k1", "k2"}) == {"o", "k1", "k2"}
    assert "Revenue $16.7 m" not in value_tree(columns=COLUMNS, nodes=NODES, links=LINKS, title="t", folded={"k1", "k2"})


def test_a_circle_of_links_ends() -> None:
    circle = [*LINKS, Link("i", "k1", "risk", Decimal(1))]
    assert visible(NODES, circle, set()) == {"o", "k1", "k2", "i"}


def test_boxes_of_a_column_do_not_overlap() -> None:
    nodes = [
        Node("o", 0, "o"),
        *(Node(f"n{n}", 1, "A very long label that needs three lines of the box to be read " * 3, "note") for n in range(9)),
    ]
    links = [Link("o", f"n{n}", "cost", Decimal(n + 1)) for n in range(9)]
    root = ET.fromstring(str(value_tree(columns=("a", "b"), nodes=nodes, links=links, title="t")))
    boxes = sorted((float(box.get("y")), float(box.get("height"))) for box in root.iter(f"{SVG}rect") if float(box.get("x")) > 0)
    assert all(y + height <= below for (y, height), (below, _) in itertools.pairwise(boxes))


def test_an_empty_tree_is_a_picture_of_nothing() -> None:
    assert value_tree(columns=COLUMNS, nodes=[], links=[], title="t").startswith("<svg")


def test_export_stands_alone_with_light_colours() -> None:
    css = Path(__file__).parents[4] / "static/css"
    svg = value_tree(columns=COLUMNS, nodes=NODES, links=LINKS, title="t")
    alone = standalone(svg, tokens=(css / "tokens.css").read_text(), rules=(css / "components/chart.css").read_text())
    ET.fromstring(str(alone))
    assert "var(" not in alone
    assert "#1c5a9c" in alone
