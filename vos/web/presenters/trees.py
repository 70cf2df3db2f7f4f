"""The value tree: a picture by columns, the same as an outline for a phone, and what can be folded."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from valuefabric.models import Customer, Kpi
from valuefabric.selectors.tree_pages import TreeNodeView, ValueTree
from vos.web.charts import Impact, Link, Markup, Node
from vos.web.charts import value_tree as tree_picture
from vos.web.places import part_url
from vos.web.presenters.amounts import plain, short
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]

_KINDS = ("objective", "capability", "outcome", "kpi", "impact")
_LEVERS: dict[str, Impact] = {"revenue": "revenue", "cost": "cost", "risk": "risk"}
_FOLDABLE = ("objective", "capability", "outcome")


@dataclass(frozen=True)
class _Placed:
    """A node with its column, its name in the picture, and its parent's."""

    view: TreeNodeView
    column: int
    key: str
    parent: str


class TreeOf:
    """A customer's tree, with what the reader folded. ``rows`` are the model's rows, whose figures KPIs lead to."""

    def __init__(self, tree: ValueTree, *, customer: Customer, rows: Collection[str], folded: Collection[str] = ()) -> None:
        self.tree, self.customer, self.rows = tree, customer, rows
        self.placed = list(_walk(tree.objectives, 0, ""))
        foldable = {placed.key for placed in self.placed if placed.view.kind in _FOLDABLE and placed.view.children}
        self.folded = [key for key in folded if key in foldable]

    def context(self) -> Context:
        """The context of ``value_tree.html``; without nodes there is no picture."""
        if not self.placed:
            return {"tree": None}
        return {
            "tree": self.picture(drawer="#drawer-content"),
            "finding": self.finding(),
            "unit": _("%(currency)s, present value over the term, base case") % {"currency": self.tree.currency},
            "outline": self._outline(),
            "folds": self._folds(),
        }

    def picture(self, *, drawer: str = "", linked: bool = True) -> Markup:
        """The SVG; ``linked`` false for one that leaves the house."""
        return tree_picture(
            columns=_columns(),
            nodes=[self._node(placed, linked=linked) for placed in self.placed],
            links=[_link(placed) for placed in self.placed if placed.parent],
            title=self.finding(),
            folded=self.folded,
            drawer=drawer,
        )

    def finding(self) -> str:
        """What the tree says, in one sentence."""
        counted = [one.view for one in self.placed if one.view.kind == "impact" and one.view.counted and one.view.value]
        if not counted:
            return _("Nothing is counted yet")
        largest = max(counted, key=lambda view: view.value or Decimal(0))
        words = {"impact": largest.node.title, "value": short(largest.value or Decimal(0), self.tree.currency)}
        if len(counted) == 1:
            return _("%(impact)s is worth %(value)s") % words
        return _("%(impact)s brings %(value)s of %(total)s") % {**words, "total": short(self.tree.total, self.tree.currency)}

    def _node(self, placed: _Placed, *, linked: bool) -> Node:
        view = placed.view
        return Node(
            key=placed.key,
            column=placed.column,
            label=view.node.title,
            note=self._note(view),
            href=self._url(view) if linked else "",
            impact=_LEVERS.get(view.impact) if view.kind == "impact" else None,
        )

    def _note(self, view: TreeNodeView) -> str:
        """The figure under a node: what an impact is worth, what a KPI is to reach."""
        if view.kind == "impact":
            if not view.counted:
                return _("not counted")
            return short(view.value, self.tree.currency) if view.value is not None else _("not measured yet")
        if isinstance(view.node, Kpi) and view.node.target is not None:
            unit = "percent_points" if view.node.unit == "percent" else view.node.unit.replace("currency", self.tree.currency)
            return _("to reach %(target)s") % {"target": plain(view.node.target, unit)}
        return ""

    def _url(self, view: TreeNodeView) -> str:
        """Where a node's figure comes from; empty for a node without one."""
        if view.kind == "impact" and view.value is not None:
            return source_url(self.customer, view.cell)
        row = getattr(view.node, "model_row", "")
        return source_url(self.customer, row) if row and row in self.rows else ""

    def _outline(self) -> list[Context]:
        return [
            {"name": name, "nodes": [self._entry(one) for one in self.placed if one.column == column]}
            for column, name in enumerate(_columns())
        ]

    def _entry(self, placed: _Placed) -> Context:
        view = placed.view
        return {
            "label": view.node.title,
            "note": self._note(view),
            "url": self._url(view),
            "impact": view.impact if view.kind == "impact" else "",
            "counted": view.counted,
        }

    def _folds(self) -> list[Context]:
        """One entry a node that has something behind it; its address folds it, or unfolds it again."""
        url = part_url(self.customer, "tree")
        entries = []
        for placed in self.placed:
            if placed.view.kind in ("objective", "capability") and placed.view.children:
                is_folded = placed.key in self.folded
                kept = [key for key in self.folded if key != placed.key] if is_folded else [*self.folded, placed.key]
                query = f"?{urlencode([('fold', key) for key in kept])}" if kept else ""
                entries.append({"label": placed.view.node.title, "url": f"{url}{query}#tree", "folded": is_folded})
        return entries


def _columns() -> list[str]:
    return [_("Objective"), _("Capability"), _("Outcome"), _("KPI"), _("Financial impact")]


def _walk(views: tuple[TreeNodeView, ...], column: int, parent: str) -> Iterator[_Placed]:
    for view in views:
        key = f"{view.kind}-{view.node.key}"
        yield _Placed(view, column, key, parent)
        yield from _walk(view.children, column + 1, key)


def _link(placed: _Placed) -> Link:
    """What flows from the parent to a node: what the node's counted impacts are worth."""
    view = placed.view
    # A KPI without an impact of its own feeds those beside it: a thin line in the colour of the outcome's first lever.
    lever = _LEVERS.get(view.impact, "revenue")
    counted = view.counted or (view.kind == "kpi" and not view.children)
    return Link(placed.parent, placed.key, lever, view.value or Decimal(0), counted)
