"""A definition's graph for its picture; of a run with the state of each step and the ways that it took."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext as _

from vos.web.charts.flow import FlowLine, FlowStep, flow
from vos.web.charts.markup import Markup
from vos.web.presenters.run_steps import kind_of, step_state
from vos.web.templatetags.look import state_sign, state_words
from workflows.definition.graph import DefinitionGraph, GraphNode
from workflows.models import Step

_PATH = re.compile(r"\$\{([\w.]+)\}|\b(?:steps|inputs)\.([\w.]+)")

type Href = Callable[[str], str]

_KIND_SIGNS = {
    "agent": "bot", "compute": "calculator", "approval": "circle-check", "wait": "clock", "branch": "git-branch",
    "tool": "settings", "map": "layers", "loop": "refresh-cw", "workflow": "workflow", "emit": "send",
}  # fmt: skip
# A run that is over has open ways no more.
_DECIDED = frozenset({"done", "skipped", "bypassed", "cancelled", "compensated"})


@dataclass(frozen=True)
class Stand:
    """Where a step of a run stands, and which steps it led to (None while that is open)."""

    state: str
    taken: tuple[str, ...] | None = None


def stands_of(steps: Iterable[Step]) -> dict[str, Stand]:
    """The stands of a run's steps."""
    return {step.key: _stand(step) for step in steps}


def _stand(step: Step) -> Stand:
    state = step_state(step)
    return Stand(state, tuple(step.taken) if state in _DECIDED else None)


def graph_flow(graph: DefinitionGraph, *, title: str, href: Href, stands: Mapping[str, Stand] | None = None) -> Markup:
    """The picture of one level of a graph; ``href`` is where a step's box leads."""
    known = stands or {}
    steps = [_step(node, known.get(node.key), href) for node in graph.nodes]
    lines = [
        FlowLine(edge.source, edge.target, when_shown(edge.label), _is_taken(known.get(edge.source), edge.target))
        for edge in graph.edges
    ]
    return flow(steps, lines, title=_("%(title)s, step by step") % {"title": title})


def insides_of(graph: DefinitionGraph, *, place: str = "") -> list[dict[str, Any]]:
    """The graphs inside of composite steps, to be opened: ``[{id, title, kind, flow, insides}]``, as deep as they go."""
    found = []
    for node in graph.nodes:
        for name, inside in node.inside:
            here = f"{place}{node.key}"
            title = node.title if name == "body" else f"{node.title}: {name.replace('_', ' ')}"
            found.append(
                {
                    "id": f"inside-{here}-{name}",
                    "title": title,
                    "kind": _parts(node),
                    "flow": graph_flow(inside, title=title, href=lambda _key: ""),
                    "insides": insides_of(inside, place=f"{here}-{name}-"),
                }
            )
    return found


def when_shown(label: str) -> str:
    """When a way is taken, without the path to what is compared: ``passed = yes``."""
    short = _PATH.sub(lambda found: (found[1] or found[2]).rpartition(".")[2].replace("_", " "), label)
    words = {"otherwise": _("otherwise"), "rejected": _("rejected")}
    return words.get(short, short.replace("= true", _("= yes")).replace("= false", _("= no")))


def _step(node: GraphNode, stand: Stand | None, href: Href) -> FlowStep:
    sign = state_sign(stand.state) if stand and stand.state != "ahead" else _KIND_SIGNS.get(node.kind, "circle")
    return FlowStep(
        node.key,
        node.title,
        kind_of(node.kind),
        state=stand.state if stand else "",
        state_label=state_words(stand.state) if stand else "",
        sign=f"{static('icons.svg')}#{sign}",
        href=href(node.key),
        parts=_parts(node),
    )


def _parts(node: GraphNode) -> str:
    """What is inside of a composite step: the name of its pattern, or how many steps."""
    if node.pattern:
        return node.pattern.partition("@")[0].replace("_", " ")
    if len(node.inside) > 1:
        return _("%(count)s side by side") % {"count": len(node.inside)}
    return node.detail if node.inside else ""


def _is_taken(stand: Stand | None, target: str) -> bool | None:
    return None if stand is None or stand.taken is None else target in stand.taken
