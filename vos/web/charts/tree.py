"""The value tree as a picture: objectives to impact from left to right, thickness by value, hue by lever."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import Impact
from vos.web.charts.markup import Markup, group, number, picture, tag, text
from vos.web.charts.scale import shorten, wrap

_BOX, _GAP, _TEXT, _LINE = 196.0, 60.0, 13.0, 17.0
_HEAD, _BETWEEN, _PADDING = 36.0, 24.0, 12.0
_THICKEST, _THINNEST = 56.0, 2.0


@dataclass(frozen=True)
class Node:
    """One thing of the tree. ``column`` counts from the left; ``note`` is what stands under the label (a figure)."""

    key: str
    column: int
    label: str
    note: str = ""
    href: str = ""
    impact: Impact | None = None


@dataclass(frozen=True)
class Link:
    """What one thing gives to the next. Not counted is drawn as a thin broken line, whatever its value."""

    source: str
    target: str
    impact: Impact
    value: Decimal = Decimal(0)
    counted: bool = True


@dataclass(frozen=True)
class Place:
    """Where a node's box lies."""

    x: float
    y: float
    height: float


def value_tree(
    *,
    columns: Sequence[str],
    nodes: Sequence[Node],
    links: Sequence[Link],
    title: str,
    folded: Collection[str] = (),
    drawer: str = "",
) -> Markup:
    """Draw the tree. What lies only behind a folded node is left out.

    ``drawer`` is the CSS selector that htmx fills with a node's ``href``; without it a node is a plain link.
    """
    shown = visible(nodes, links, folded)
    kept = [node for node in nodes if node.key in shown]
    flows = [link for link in links if link.source in shown and link.target in shown]
    places = _places(kept, flows, len(columns))
    height = max((place.y + place.height for place in places.values()), default=_HEAD) + 12
    width = len(columns) * _BOX + (len(columns) - 1) * _GAP
    heads = [text(shorten(name, _BOX), index * (_BOX + _GAP), 14, css="label-faint") for index, name in enumerate(columns)]
    boxes = [_box(node, places[node.key], drawer, folded=node.key in folded) for node in kept]
    told = "; ".join(f"{node.label} {node.note}".strip() for node in kept)
    # The links of a picture that is one image would not be reached, so it is a group and not an image.
    svg = picture(
        [*heads, *_flows(flows, places), *boxes], width=width, height=height, title=title, describe=told, css="vos tree"
    )
    return Markup(svg.replace('role="img"', 'role="group"', 1))


def visible(nodes: Sequence[Node], links: Sequence[Link], folded: Collection[str]) -> set[str]:
    """The keys still reached from the first column when nothing goes on behind a folded node."""
    targets = {link.target for link in links}
    reached = {node.key for node in nodes if node.key not in targets}
    waiting = list(reached)
    while waiting:
        key = waiting.pop()
        ahead = [] if key in folded else [link.target for link in links if link.source == key]
        waiting += [target for target in ahead if target not in reached]
        reached.update(ahead)
    return reached


def _thickness(links: Sequence[Link]) -> dict[Link, float]:
    most = max((abs(link.value) for link in links if link.counted), default=Decimal(0))
    scale = _THICKEST / float(most) if most else 0.0
    return {link: max(float(abs(link.value)) * scale, _THINNEST) if link.counted else _THINNEST for link in links}


def _places(nodes: Sequence[Node], links: Sequence[Link], columns: int) -> dict[str, Place]:
    thick = _thickness(links)
    heights = {node.key: _height(node, links, thick) for node in nodes}
    totals = [
        sum(heights[node.key] + _BETWEEN for node in nodes if node.column == column) - _BETWEEN for column in range(columns)
    ]
    tallest = max(totals, default=0.0)
    places: dict[str, Place] = {}
    for column in range(columns):
        y = _HEAD + (tallest - totals[column]) / 2
        for node in _ordered(nodes, links, places, column):
            places[node.key] = Place(column * (_BOX + _GAP), y, heights[node.key])
            y += heights[node.key] + _BETWEEN
    return places


def _height(node: Node, links: Sequence[Link], thick: Mapping[Link, float]) -> float:
    label, note = _lines(node)
    lines = len(label) + len(note)
    coming = sum(thick[link] for link in links if link.target == node.key)
    going = sum(thick[link] for link in links if link.source == node.key)
    return max(lines * _LINE + 2 * _PADDING, coming + 8, going + 8)


def _lines(node: Node) -> tuple[list[str], list[str]]:
    """The label in at most three lines, the note in at most two."""
    room = _BOX - 2 * _PADDING - (4 if node.impact else 0)
    return wrap(node.label, room, 3, _TEXT), wrap(node.note, room, 2, _TEXT) if node.note else []


def _ordered(nodes: Sequence[Node], links: Sequence[Link], places: Mapping[str, Place], column: int) -> list[Node]:
    """Nodes of a column in the order of what they come from, so that few lines cross."""

    def middle(node: Node) -> float:
        sources = [places[link.source] for link in links if link.target == node.key and link.source in places]
        return sum(place.y + place.height / 2 for place in sources) / len(sources) if sources else 0.0

    return sorted((node for node in nodes if node.column == column), key=middle)


def _flows(links: Sequence[Link], places: Mapping[str, Place]) -> list[Markup]:
    thick = _thickness(links)
    left = _stacked(links, places, thick, leaving=True)
    right = _stacked(links, places, thick, leaving=False)
    made = []
    for link in links:
        x1, x2 = places[link.source].x + _BOX, places[link.target].x
        y1, y2, middle = left[link], right[link], (x1 + x2) / 2
        start, end = f"{number(x1)} {number(y1)}", f"{number(x2)} {number(y2)}"
        curve = f"M{start}C{number(middle)} {number(y1)} {number(middle)} {number(y2)} {end}"
        css = f"flow-{link.impact if link.counted else 'uncounted'}"
        made.append(tag("path", d=curve, class_=css, stroke_width=thick[link]))
    return made


def _stacked(
    links: Sequence[Link], places: Mapping[str, Place], thick: Mapping[Link, float], *, leaving: bool
) -> dict[Link, float]:
    """The height at which each flow leaves (or reaches) its box: one under the other, centred."""
    at: dict[Link, float] = {}
    for key, place in places.items():
        here = [link for link in links if (link.source if leaving else link.target) == key]
        here.sort(key=lambda link: places[link.target if leaving else link.source].y)
        gap = 3.0
        y = place.y + (place.height - sum(thick[link] for link in here) - gap * (len(here) - 1)) / 2
        for link in here:
            at[link] = y + thick[link] / 2
            y += thick[link] + gap
    return at


def _box(node: Node, place: Place, drawer: str, *, folded: bool) -> Markup:
    label, note = _lines(node)
    top = place.y + (place.height - (len(label) + len(note)) * _LINE) / 2 + _LINE - 4
    box = tag("rect", x=place.x, y=place.y, width=_BOX, height=place.height, rx=6, class_="node-box")
    parts = [tag("title", f"{node.label} {node.note}".strip()), box]
    if node.impact:
        parts.append(tag("rect", x=place.x, y=place.y + 5, width=4.0, height=place.height - 10, class_=f"fill-{node.impact}"))
    x = place.x + _PADDING + (4 if node.impact else 0)
    parts += [text(words, x, top + index * _LINE, css="label-strong") for index, words in enumerate(label)]
    parts += [text(words, x, top + index * _LINE) for index, words in enumerate(note, len(label))]
    if folded:
        parts.append(text("+", place.x + _BOX - 14, place.y + 18, css="label-strong"))
    if not node.href:
        return group(parts, class_="node-still")
    opens = {"data_drawer": "", "hx_get": node.href, "hx_target": drawer} if drawer else {}
    return tag("a", *parts, href=node.href, class_="node", data_node=node.key, **opens)
