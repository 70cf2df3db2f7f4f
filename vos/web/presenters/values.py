"""What goes into a step and comes out of it, readable: words for names, tables for lists, dates as the reader writes them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vos.web.templatetags.figures import digits

DEEPEST, MOST_ROWS, MOST_COLUMNS, LONGEST = 3, 50, 6, 400
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_CODE = re.compile(r"^(sha256:)?[0-9a-f]{32,}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
# Words for names whose own letters do not say what they are.
# The first of these that a thing has stands beside its name while it is folded.
_GISTS = ("estimate", "text", "title", "label", "claim", "value", "decision", "name", "error")
_LABELS = {"as_of": "As of", "url": "Address", "npv": "Net present value", "roi": "Return on investment", "id": "Id"}


def label_of(name: str) -> str:
    """``content_hash`` is ``Content hash``; of a path the last part counts."""
    last = name.rpartition(".")[2] or name
    return _(_LABELS.get(last, last.replace("_", " ").strip().capitalize()))


def facts_of(
    values: Mapping[str, Any], urls: Mapping[str, str] | None = None, words: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """``[{label, value, url}]``, of which ``value`` is for ``partials/value.html``.

    ``urls`` lead to pages of values by name; ``words`` stand in place of values that are ids.
    """
    values = {name: words.get(one, one) if words and isinstance(one, str) else one for name, one in values.items()}
    return [
        {"label": label_of(name), "value": value_shown(value), "url": (urls or {}).get(name, "")}
        for name, value in values.items()
    ]


def value_shown(value: Any, depth: int = 0) -> dict[str, Any]:
    """``{kind: text|code|list|table|facts|folds|json, …}``; what is too deep to read is JSON to be opened."""
    if isinstance(value, Mapping) and value:
        return _mapping(value, depth)
    if isinstance(value, list | tuple) and value:
        return _sequence(value, depth)
    text = plain(value)
    return {
        "kind": "code" if isinstance(value, str) and _CODE.match(value) else "text",
        "text": text[:LONGEST],
        "rest": text[LONGEST:],
    }


def plain(value: Any) -> str:
    """A single value in words."""
    if value is None or value == "" or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, str) and (_MOMENT.match(value) or _DAY.match(value)):
        return _moment(value)
    return str(value)


def _number(value: float | Decimal) -> str:
    exact = Decimal(str(value))
    if not exact.is_finite():
        return str(value)
    exponent = exact.normalize().as_tuple().exponent
    return digits(exact, min(max(-exponent if isinstance(exponent, int) else 0, 0), 6))


def _moment(text: str) -> str:
    try:
        if _DAY.match(text):
            return date_format(date.fromisoformat(text), "DATE_FORMAT")
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATETIME_FORMAT")


def _mapping(value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth >= DEEPEST:
        return _json(value)
    if len(value) > 1 and all(isinstance(one, Mapping) and one for one in value.values()):
        return _alike(value, depth)
    return {
        "kind": "facts",
        "facts": [{"label": label_of(str(name)), "value": value_shown(one, depth + 1)} for name, one in value.items()],
    }


def _alike(value: Mapping[str, Mapping[str, Any]], depth: int) -> dict[str, Any]:
    """Things by name: a table if they have few fields of plain values, else each to be opened."""
    columns = _columns(list(value.values()))
    is_plain = all(not isinstance(one, Mapping | list | tuple) for row in value.values() for one in row.values())
    if columns and is_plain:
        rows = [
            [value_shown(label_of(name)), *(value_shown(row.get(one), DEEPEST) for one in columns)] for name, row in value.items()
        ]
        heads = ["", *map(label_of, columns)]
        return {"kind": "table", "heads": heads, "rows": rows[:MOST_ROWS], "more": max(len(rows) - MOST_ROWS, 0)}
    folds = [
        {"label": label_of(name), "gist": _gist(row), "value": value_shown({"": row}, depth)["facts"][0]["value"]}
        for name, row in list(value.items())[:MOST_ROWS]
    ]
    return {"kind": "folds", "folds": folds, "more": max(len(value) - MOST_ROWS, 0)}


def _gist(row: Mapping[str, Any]) -> str:
    """What a folded thing comes to, in a few words."""
    return next((plain(row[name])[:100] for name in _GISTS if row.get(name) not in (None, "", [], {})), "")


def _sequence(value: Sequence[Any], depth: int) -> dict[str, Any]:
    shown, more = value[:MOST_ROWS], max(len(value) - MOST_ROWS, 0)
    columns = _columns(value)
    if columns and depth < DEEPEST:
        rows = [[value_shown(row.get(name), DEEPEST) for name in columns] for row in shown]
        return {"kind": "table", "heads": [label_of(name) for name in columns], "rows": rows, "more": more}
    if all(not isinstance(one, Mapping | list | tuple) for one in value):
        return {"kind": "list", "items": [plain(one) for one in shown], "more": more}
    return _json(value)


def _columns(value: Sequence[Any]) -> list[str]:
    """The names of a list of things that are alike; nothing if they are not, or have too many."""
    if not all(isinstance(one, Mapping) for one in value):
        return []
    names = list(dict.fromkeys(str(name) for one in value for name in one))
    return names if len(names) <= MOST_COLUMNS else []


def _json(value: Any) -> dict[str, Any]:
    count = len(value)
    return {"kind": "json", "text": json.dumps(value, indent=2, ensure_ascii=False, default=str), "count": count}
