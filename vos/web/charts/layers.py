"""Where the boxes of a directed graph lie, layer under layer, so that few lines cross (Sugiyama, Tagawa and Toda 1981).

Layers by the longest way from a start; a line over several layers gets an invisible place in each, so that it runs round boxes;
order in a layer by the mean of the neighbours; places by isotonic regression on the means, so that nothing overlaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

type Pair = tuple[str, str]

_SWEEPS = 8
_STRAIGHTENINGS = 60
_NARROW = 28.0


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes across, the layer of each, and for each pair the places (centre, layer) that its line goes through."""

    across: Mapping[str, float]
    layer: Mapping[str, int]
    ways: Mapping[Pair, Sequence[tuple[float, int]]]
    width: float
    layers: int


def layered(keys: Sequence[str], pairs: Iterable[Pair], *, box: float, gap: float) -> Layout:
    """Lay out ``keys`` (first come first) with lines from first to second of each pair. Pairs that would close a circle are
    drawn, and do not count for the layers."""
    known = set(keys)
    lines = list(dict.fromkeys(pair for pair in pairs if known.issuperset(pair)))
    forward = _without_circles(keys, lines)
    layer = _layers(keys, forward)
    rows, ways = _rows(keys, forward, layer)
    neighbours = _neighbours(ways.values())
    _order(rows, neighbours)
    across, width = _places(rows, neighbours, box, gap)
    along = {pair: [(across[name], row) for name, row in ways[pair]] for pair in forward}
    backward = {pair: [(across[key], layer[key]) for key in pair] for pair in lines if pair not in along}
    return Layout(across, layer, along | backward, width, len(rows))


def _without_circles(keys: Sequence[str], lines: Sequence[Pair]) -> list[Pair]:
    following: dict[str, list[str]] = {key: [] for key in keys}
    for source, end in lines:
        following[source].append(end)
    back: set[Pair] = set()
    done: set[str] = set()
    for key in keys:
        if key in done:
            continue
        way, waiting = [key], [iter(following[key])]
        while waiting:
            target = next(waiting[-1], None)
            if target is None:
                done.add(way.pop())
                waiting.pop()
            elif target in way:
                back.add((way[-1], target))
            elif target not in done:
                way.append(target)
                waiting.append(iter(following[target]))
    return [line for line in lines if line not in back]


def _layers(keys: Sequence[str], lines: Sequence[Pair]) -> dict[str, int]:
    layer = dict.fromkeys(keys, 0)
    for _again in keys:
        moved = False
        for source, target in lines:
            if layer[target] <= layer[source]:
                layer[target], moved = layer[source] + 1, True
        if not moved:
            break
    return layer


def _rows(
    keys: Sequence[str], lines: Sequence[Pair], layer: Mapping[str, int]
) -> tuple[list[list[str]], dict[Pair, list[tuple[str, int]]]]:
    """Names by layer, and those that each line goes through. Invisible places have a line break in their names, as no key has."""
    rows: list[list[str]] = [[] for _layer in range(max(layer.values(), default=-1) + 1)]
    for key in keys:
        rows[layer[key]].append(key)
    ways: dict[Pair, list[tuple[str, int]]] = {}
    for source, target in lines:
        between = [(f"{source}\n{target}\n{row}", row) for row in range(layer[source] + 1, layer[target])]
        for name, row in between:
            rows[row].append(name)
        ways[source, target] = [(source, layer[source]), *between, (target, layer[target])]
    return rows, ways


def _neighbours(ways: Iterable[Sequence[tuple[str, int]]]) -> dict[str, dict[int, list[str]]]:
    """For each name those it is joined to in the layer above (-1) and below (1)."""
    found: dict[str, dict[int, list[str]]] = {}
    for way in ways:
        for (above, _), (below, _) in pairwise(way):
            found.setdefault(above, {}).setdefault(1, []).append(below)
            found.setdefault(below, {}).setdefault(-1, []).append(above)
    return found


def _order(rows: list[list[str]], neighbours: Mapping[str, Mapping[int, Sequence[str]]]) -> None:
    for sweep in range(_SWEEPS):
        side = -1 if sweep % 2 == 0 else 1
        for index in range(len(rows))[::-side]:
            if not 0 <= index + side < len(rows):
                continue
            beside = {name: place for place, name in enumerate(rows[index + side])}
            own = {name: place for place, name in enumerate(rows[index])}
            rows[index].sort(key=lambda name: _mean([beside[n] for n in neighbours.get(name, {}).get(side, ())], own[name]))


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(
    rows: Sequence[Sequence[str]], neighbours: Mapping[str, Mapping[int, Sequence[str]]], box: float, gap: float
) -> tuple[dict[str, float], float]:
    across: dict[str, float] = {}
    for row in rows:
        across |= zip(row, _offsets(row, box, gap), strict=True)
    for sweep in range(_STRAIGHTENINGS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            joined = [[across[n] for side in neighbours.get(name, {}).values() for n in side] for name in row]
            wanted = [_mean(values, across[name]) for name, values in zip(row, joined, strict=True)]
            across |= zip(row, _apart(wanted, _offsets(row, box, gap)), strict=True)
    half = {name: _size(name, box) / 2 for name in across}
    left = min((at - half[name] for name, at in across.items()), default=0.0)
    right = max((at + half[name] for name, at in across.items()), default=0.0)
    return {name: at - left for name, at in across.items()}, right - left


def _size(name: str, box: float) -> float:
    return _NARROW if "\n" in name else box


def _offsets(row: Sequence[str], box: float, gap: float) -> list[float]:
    """Centres of a row that is packed from the left."""
    made: list[float] = []
    edge = 0.0
    for name in row:
        made.append(edge + _size(name, box) / 2)
        edge += _size(name, box) + gap
    return made


def _apart(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep order and distances: pool adjacent violators."""
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            total, count = total + pools[-1][0], count + pools[-1][1]
            pools.pop()
        pools.append((total, count))
    levels = [total / count for total, count in pools for _one in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
