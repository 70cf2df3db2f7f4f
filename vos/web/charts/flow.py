"""A workflow as a picture: steps from top to bottom, what leads to what, and of a run the state of each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vos.web.charts.layers import Layout, Pair, layered
from vos.web.charts.markup import Markup, group, number, picture, tag, text
from vos.web.charts.scale import shorten, text_width, wrap

_BOX, _HEIGHT, _GAP, _BETWEEN = 196.0, 62.0, 24.0, 38.0
_MARGIN, _SIGN, _LINE, _HEAD = 6.0, 30.0, 16.0, 5.0


@dataclass(frozen=True)
class FlowStep:
    """One box. ``kind`` and ``state_label`` are words, ``sign`` an icon's address; ``parts`` says what is inside a composite."""

    key: str
    title: str
    kind: str
    state: str = ""
    state_label: str = ""
    sign: str = ""
    href: str = ""
    parts: str = ""


@dataclass(frozen=True)
class FlowLine:
    """What one step leads to. ``is_taken`` is None where no run went yet, or where it can still go."""

    source: str
    target: str
    label: str = ""
    is_taken: bool | None = None

    @property
    def pair(self) -> Pair:
        """Where from and where to."""
        return self.source, self.target


def flow(steps: Sequence[FlowStep], lines: Sequence[FlowLine], *, title: str) -> Markup:
    """Draw it. Each box with an ``href`` is a link, so the picture can be walked with the keyboard in the order of the steps."""
    layout = layered([step.key for step in steps], [line.pair for line in lines], box=_BOX, gap=_GAP)
    drawn = [_line(line, layout) for line in {line.pair: line for line in lines}.values() if line.pair in layout.ways]
    labels = _labels(lines, layout)
    boxes = [_box(step, layout) for step in steps]
    left = min([0.0, *(label.ends[0] for label in labels)])
    right = max([layout.width + 2 * _MARGIN, *(label.ends[1] for label in labels)])
    height = max(layout.layers * (_HEIGHT + _BETWEEN) - _BETWEEN, 0.0) + 2 * _MARGIN
    svg = picture(
        [*drawn, *boxes, *(label.drawn for label in labels)],
        width=right - left,
        height=height,
        title=title,
        describe=_told(steps, lines),
        css="vos flow",
    )
    # A group and no image: the links of an image would not be reached. Its own width: letters stay as large as the page's.
    sized = svg.replace('role="img"', f'role="group" width="{number(right - left)}"', 1)
    return Markup(sized.replace('viewBox="0 0', f'viewBox="{number(left)} 0', 1))


def _told(steps: Sequence[FlowStep], lines: Sequence[FlowLine]) -> str:
    """The picture in words."""
    titles = {step.key: step.title for step in steps}
    leads: dict[str, list[str]] = {}
    for line in lines:
        if line.target in titles:
            leads.setdefault(line.source, []).append(titles[line.target] + (f" ({line.label})" if line.label else ""))
    return "; ".join(_words(step) + (f" → {', '.join(leads[step.key])}" if step.key in leads else "") for step in steps)


def _words(step: FlowStep) -> str:
    return ", ".join(part for part in (step.title, step.kind, step.state_label) if part)


def _top(layer: int) -> float:
    return _MARGIN + layer * (_HEIGHT + _BETWEEN)


def _line(line: FlowLine, layout: Layout) -> Markup:
    """From the foot of one box to the head of another, straight past the boxes between."""
    way = [(across + _MARGIN, _top(layer)) for across, layer in layout.ways[line.pair]]
    drawn = [f"M{number(way[0][0])} {number(way[0][1] + _HEIGHT)}"]
    for (x1, above), (x2, y2) in pairwise(way):
        middle = number((above + _HEIGHT + y2) / 2)
        drawn.append(f"C{number(x1)} {middle} {number(x2)} {middle} {number(x2)} {number(y2)}V{number(y2 + _HEIGHT)}")
    drawn[-1] = drawn[-1].rpartition("V")[0]
    x, y = way[-1]
    head = tag(
        "path",
        d=f"M{number(x - _HEAD)} {number(y - _HEAD - 2)}L{number(x)} {number(y)}L{number(x + _HEAD)} {number(y - _HEAD - 2)}",
    )
    css = {None: "flow-line", True: "flow-line flow-line--taken", False: "flow-line flow-line--not-taken"}[line.is_taken]
    return group([tag("path", d="".join(drawn)), head], class_=css)


def _labels(lines: Sequence[FlowLine], layout: Layout) -> list["_Label"]:
    """What is said of ways out (a branch's cases), each on the side of the step that its line leads to."""
    said: Mapping[Pair, list[str]] = {line.pair: [] for line in lines if line.label and line.pair in layout.ways}
    for line in lines:
        if line.pair in said:
            said[line.pair].append(line.label)
    return [_label(" / ".join(words), layout.ways[pair]) for pair, words in said.items()]


@dataclass(frozen=True)
class _Label:
    words: str
    x: float
    y: float
    to_the_left: bool

    @property
    def drawn(self) -> Markup:
        return text(self.words, self.x, self.y, css="label-faint halo", anchor="end" if self.to_the_left else "start")

    @property
    def ends(self) -> tuple[float, float]:
        width = text_width(self.words, 12)
        return (self.x - width, self.x) if self.to_the_left else (self.x, self.x + width)


def _label(words: str, way: Sequence[tuple[float, int]]) -> _Label:
    (x1, layer), (x2, _below) = way[:2]
    y = _top(layer) + _HEIGHT + _BETWEEN / 2 + 4
    to_the_left = x2 < x1
    return _Label(shorten(words, _BOX - 24, 12), (x1 + x2) / 2 + _MARGIN + (-10 if to_the_left else 10), y, to_the_left)


def _box(step: FlowStep, layout: Layout) -> Markup:
    x, y = layout.across[step.key] - _BOX / 2 + _MARGIN, _top(layout.layer[step.key])
    room = _BOX - _SIGN - 10
    title = wrap(step.title, room, 2)
    under = step.kind + (f" · {step.parts}" if step.parts else "")
    first = y + (_HEIGHT - (len(title) + 1) * _LINE) / 2 + 12
    parts: list[Markup] = [tag("title", _words(step))]
    if step.parts:  # a second sheet behind the first
        parts.append(tag("rect", x=x + 4, y=y + 4, width=_BOX, height=_HEIGHT, rx=6, class_="flow-sheet"))
    parts.append(tag("rect", x=x, y=y, width=_BOX, height=_HEIGHT, rx=6, class_="flow-box"))
    if step.sign:
        parts.append(tag("use", href=step.sign, x=x + 9, y=y + _HEIGHT / 2 - 8, width=16, height=16, class_="flow-sign"))
    parts += [text(words, x + _SIGN, first + index * _LINE, css="label-strong") for index, words in enumerate(title)]
    parts.append(text(shorten(under, room, 12), x + _SIGN, first + len(title) * _LINE, css="label-faint"))
    css = f"flow-step flow-step--{step.state}" if step.state else "flow-step"
    if not step.href:
        return group(parts, class_=css)
    return tag("a", *parts, href=step.href, class_=css, data_step=step.key, aria_label=_words(step))
