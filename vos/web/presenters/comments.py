"""Threads of comments as a page shows them, and what this person may do with each."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.model import ModelDocument
from valuefabric.models import Customer, ModelComment, ModelVersion
from valuefabric.selectors.comments import Thread

type Context = dict[str, Any]


def identifiers_of(threads: Iterable[Thread]) -> set[str]:
    """Everybody who said or resolved something."""
    said = [one for thread in threads for one in (thread.comment, *thread.replies)]
    return {one.by for one in said} | {one.resolved_by for one in said if one.resolved_by}


def comments_entry(
    customer: Customer,
    version: ModelVersion,
    document: ModelDocument,
    threads: Iterable[Thread],
    names: Mapping[str, str],
    actor: Actor,
    *,
    place: tuple[str, str] = ("", ""),
) -> Context:
    """The comments on a model, or on one place of it (row, period), and where to add to them; ``document`` is the version's."""
    shown = list(threads)
    row, period = place
    return {
        "row": row,
        "period": period,
        "version": str(version.public_id),
        "title": _place(document, row, period) if row else _("The model"),
        "threads": [thread_entry(customer, version, document, one, names, actor) for one in shown],
        "open": sum(one.comment.resolved_at is None for one in shown),
        "can_comment": actor.allows(Permission.MODEL_COMMENT),
        "add_url": reverse("web:comment_add", args=[customer.public_id]),
        "all_url": f"{reverse('web:model_comments', args=[customer.public_id])}?{urlencode({'version': version.public_id})}",
    }


def thread_entry(
    customer: Customer, version: ModelVersion, document: ModelDocument, thread: Thread, names: Mapping[str, str], actor: Actor
) -> Context:
    """One thread with its answers."""
    first = thread.comment
    place = _place(document, first.row, first.period) if first.row else _("The model")
    cell = f"{first.row}.{first.period}" if first.period else first.row
    query = urlencode({"version": version.public_id})
    return {
        **_comment(customer, first, names, actor),
        "place": place,
        "gone": thread.gone,
        "place_url": f"{reverse('web:source', args=[customer.public_id, cell])}?{query}" if first.row and not thread.gone else "",
        "seen": first.version.number if first.version.number != version.number else None,
        "resolved": first.resolved_at,
        "resolved_by": names.get(first.resolved_by, ""),
        "replies": [_comment(customer, one, names, actor) for one in thread.replies],
        "reply_url": reverse("web:comment_reply", args=[customer.public_id, first.public_id]),
        "resolve_url": reverse("web:comment_resolve", args=[customer.public_id, first.public_id]),
    }


def _comment(customer: Customer, comment: ModelComment, names: Mapping[str, str], actor: Actor) -> Context:
    mine = comment.by == actor.identifier and actor.allows(Permission.MODEL_COMMENT)
    return {
        "id": str(comment.public_id),
        "text": comment.text,
        "who": names[comment.by],
        "at": comment.created_at,
        "edited": comment.edited_at,
        "edit_url": reverse("web:comment_edit", args=[customer.public_id, comment.public_id]) if mine else "",
    }


def _place(document: ModelDocument, row: str, period: str) -> str:
    """A place by its labels; by its keys where the model has it no more."""
    label = next((one.label for one in document.rows if one.key == row), row)
    return ", ".join(part for part in (label, document.label_of(period) if period else "") if part)
