"""Pages of a newest-first list by cursor: going on costs the same on the hundredth page as on the first."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE = 25


@dataclass(frozen=True)
class Page[Row]:
    """Rows of one page, how many there are in all, and the addresses of the pages beside it (empty where there is none)."""

    rows: list[Row]
    total: int
    previous_url: str
    next_url: str


def page_of(request: HttpRequest, rows: QuerySet[Any], *, size: int = PAGE) -> Page[Any]:
    """The page after ``?after=<public id>`` or before ``?before=<public id>``; an unknown cursor gives the first page.

    ``rows`` must be ordered by ``-created_at, -id``.
    """
    total = rows.count()
    after, before = _row(rows, request.GET.get("after")), _row(rows, request.GET.get("before"))
    if before is not None:
        found = list(rows.filter(_newer(before)).order_by("created_at", "id")[: size + 1])
        has_more, shown = len(found) > size, list(reversed(found[:size]))
        return Page(shown, total, _url(request, "before", shown) if has_more else "", _url(request, "after", shown))
    found = list((rows.filter(_older(after)) if after else rows)[: size + 1])
    shown = found[:size]
    next_url = _url(request, "after", shown) if len(found) > size else ""
    return Page(shown, total, _url(request, "before", shown) if after else "", next_url)


def _row(rows: QuerySet[Any], cursor: str | None) -> Any:
    try:
        return rows.filter(public_id=uuid.UUID(cursor)).first() if cursor else None
    except ValueError:
        return None


def _older(row: Any) -> Q:
    return Q(created_at__lt=row.created_at) | Q(created_at=row.created_at, id__lt=row.pk)


def _newer(row: Any) -> Q:
    return Q(created_at__gt=row.created_at) | Q(created_at=row.created_at, id__gt=row.pk)


def _url(request: HttpRequest, direction: str, shown: list[Any]) -> str:
    if not shown:
        return ""
    edge = shown[-1] if direction == "after" else shown[0]
    kept = {key: value for key, value in request.GET.items() if key not in {"after", "before", "export"}}
    return f"?{urlencode({**kept, direction: str(edge.public_id)})}"
