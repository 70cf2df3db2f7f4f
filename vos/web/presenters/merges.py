"""A merge before it is made: what comes, what changed meanwhile, and each thing to be decided."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.versions import Conflict
from valuefabric.domain.versions.sentences import said
from valuefabric.selectors.merges import MergePreview
from vos.web.presenters.versions import line_name

type Context = dict[str, Any]

_FIGURES = frozenset({"values", "low", "high"})
_SHARES = frozenset({"risk_adjustment", "discount_rate"})


def merge_entry(preview: MergePreview, document: ModelDocument, choices: Mapping[str, str]) -> Context:
    """The page's context; ``document`` is the model that is merged into, for labels and units."""
    ours, theirs = line_name(preview.ours.branch), line_name(preview.theirs.branch)
    return {
        "ours": {"name": ours, "number": preview.ours.number, "sentences": preview.since.sentences},
        "theirs": {"name": theirs, "number": preview.theirs.number, "sentences": preview.brings.sentences},
        "base": preview.base.number,
        "conflicts": [conflict_entry(one, document, choices) for one in preview.conflicts],
        "problem": preview.problem,
        "nothing": preview.merged_already,
    }


def conflict_entry(conflict: Conflict, document: ModelDocument, choices: Mapping[str, str]) -> Context:
    """One thing that both lines changed: what it is, and what each of them says."""
    unit = next((row.unit for row in document.rows if row.key == conflict.row), "")
    return {
        "place": conflict.place,
        "title": _title(conflict, document),
        "base": _said(conflict, conflict.base, unit, _("nothing")),
        "ours": _said(conflict, conflict.ours, unit, _("taken away")),
        "theirs": _said(conflict, conflict.theirs, unit, _("taken away")),
        "chosen": choices.get(conflict.place, ""),
    }


def _title(conflict: Conflict, document: ModelDocument) -> str:
    if conflict.place.startswith("order."):
        return _("The order of the %(what)s") % {"what": _(conflict.field)}
    label = conflict.label or conflict.place.partition(".")[2] or _("The model")
    field = {"values": "", "": ""}.get(conflict.field, conflict.field.replace("_", " "))
    period = document.label_of(conflict.period) if conflict.period else ""
    return ", ".join(part for part in (label, field, period) if part)


def _said(conflict: Conflict, value: Any, unit: str, nothing: str) -> str:
    if value is None:
        return nothing
    if isinstance(value, Mapping) and "label" in value:
        return str(value["label"])
    if isinstance(value, Mapping) and "values" in value:
        return str(value.get("formula") or said({key: _number(one) for key, one in (value["values"] or {}).items()}, unit))
    if conflict.field in _FIGURES and isinstance(value, Mapping):
        return said({key: _number(one) for key, one in value.items()}, unit)
    if conflict.field in _FIGURES or conflict.field in _SHARES:
        return said(_number(value), "percent" if conflict.field in _SHARES else unit)
    return said(value)


def _number(text: Any) -> Any:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
