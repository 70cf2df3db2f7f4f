"""Finding circles of steps, and what comes before a step."""

from workflows.definition.document import Graph


def cycle_of(graph: Graph) -> list[str]:
    """The steps of one cycle, or nothing. Steps without a predecessor are taken away until only cycles are left."""
    open_steps = dict(graph.steps)
    while leaving := [key for key in open_steps if not any(key in spec.targets for spec in open_steps.values())]:
        for key in leaving:
            del open_steps[key]
    if not open_steps:
        return []
    way = [next(iter(open_steps))]
    while (following := next((t for t in open_steps[way[-1]].targets if t in open_steps), None)) not in way:
        if following is None:  # a dead end beside the cycle
            del open_steps[way.pop()]
            way = way or [next(iter(open_steps))]
        else:
            way.append(following)
    return way[way.index(following) :]


def ancestors(graph: Graph, key: str) -> set[str]:
    """The steps that come before ``key`` on some way."""
    found: set[str] = set()
    waiting = graph.before(key)
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting.extend(graph.before(step))
    return found
