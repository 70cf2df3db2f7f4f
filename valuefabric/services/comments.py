"""Comments on models: said, answered, mended by who said them, resolved. Text is text; nothing in it is ever markup."""

import unicodedata

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import LONGEST_COMMENT, ModelComment, ModelVersion, ValueModel
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import CommentChanged

MOST_THREADS = 2_000  # of one model
MOST_REPLIES = 200  # in one thread


class CommentRefused(ValueError):
    """A comment cannot be taken so; the message says what to change."""


def comment_add(
    *, model: ValueModel, text: str, actor: Actor, row: str = "", period: str = "", version: ModelVersion | None = None
) -> ModelComment:
    """Say something about a figure (``row`` and ``period``), a row, or the model, as ``version`` has it (the main line's head).

    A committed model can be commented. Raises PermissionDenied, and CommentRefused for a place that the version does not have.
    """
    require_access(actor, Permission.MODEL_COMMENT, model.customer)
    text = _checked(text)
    with transaction.atomic():
        # So that two at once cannot pass the limit together.
        locked = ValueModel.objects.select_for_update().get(pk=model.pk)
        seen = locked.versions.get(number=locked.head_number) if version is None else version
        _require_place(seen, locked, row, period)
        if locked.comments.filter(thread=None).count() >= MOST_THREADS:
            raise CommentRefused(f"The model has {MOST_THREADS:,} comments. Answer one that is there.")
        comment = ModelComment(model=locked, version=seen, row=row, period=period, text=text, by=actor.identifier)
        row_save(comment, actor=actor)
        _tell("value.comment.added", comment, actor)
    return comment


def comment_reply(*, thread: ModelComment, text: str, actor: Actor) -> ModelComment:
    """Answer in a thread; an answer to an answer is one to its thread. A resolved thread is open again by it."""
    require_access(actor, Permission.MODEL_COMMENT, thread.model.customer)
    text = _checked(text)
    with transaction.atomic():
        first = ModelComment.objects.select_for_update(of=("self",)).select_related("model__customer")
        locked = first.get(pk=thread.thread_id or thread.pk)
        if locked.replies.count() >= MOST_REPLIES:
            raise CommentRefused(f"The thread has {MOST_REPLIES} answers. Begin another one.")
        if locked.resolved_at is not None:
            _resolve(locked, actor, resolved=False)
        reply = ModelComment(model=locked.model, version=locked.version, thread=locked, text=text, by=actor.identifier)
        row_save(reply, actor=actor)
        _tell("value.comment.added", reply, actor)
    return reply


def comment_edit(*, comment: ModelComment, text: str, actor: Actor) -> ModelComment:
    """Say it better: only who said it, and what was said before stays in the history. Raises PermissionDenied, CommentRefused."""
    require_access(actor, Permission.MODEL_COMMENT, comment.model.customer)
    text = _checked(text)
    with transaction.atomic():
        locked = _locked(comment)
        if locked.by != actor.identifier:
            raise PermissionDenied("Only who wrote a comment can change it. Answer it instead.")
        if locked.text != text:
            locked.text, locked.edited_at = text, timezone.now()
            row_save(locked, actor=actor, fields=["text", "edited_at"])
            _tell("value.comment.edited", locked, actor)
    return locked


def comment_resolve(*, thread: ModelComment, actor: Actor, resolved: bool = True) -> ModelComment:
    """Note that what a thread asked for is done, or with ``resolved=False`` that it is not. Again changes nothing."""
    require_access(actor, Permission.MODEL_COMMENT, thread.model.customer)
    with transaction.atomic():
        locked = _locked(thread)
        if locked.thread_id is not None:
            raise CommentRefused("An answer is resolved with its thread. Resolve the first comment of it.")
        if (locked.resolved_at is not None) != resolved:
            _resolve(locked, actor, resolved=resolved)
    return locked


def _resolve(thread: ModelComment, actor: Actor, *, resolved: bool) -> None:
    thread.resolved_at, thread.resolved_by = (timezone.now(), actor.identifier) if resolved else (None, "")
    row_save(thread, actor=actor, fields=["resolved_at", "resolved_by"])
    _tell("value.comment.resolved" if resolved else "value.comment.reopened", thread, actor)


def _locked(comment: ModelComment) -> ModelComment:
    rows = ModelComment.objects.select_for_update(of=("self",)).select_related("model__customer", "thread")
    return rows.get(pk=comment.pk)


def _checked(text: str) -> str:
    """The text as it is kept: lines and what can be printed, nothing that a terminal or a database would take for a command."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(one for one in lines if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs")).strip()
    if not kept:
        raise CommentRefused("Write something: the comment is empty.")
    if len(kept) > LONGEST_COMMENT:
        raise CommentRefused(f"The comment has {len(kept):,} characters; it may have {LONGEST_COMMENT:,}. Say it shorter.")
    return kept


def _require_place(version: ModelVersion, model: ValueModel, row: str, period: str) -> None:
    if version.model_id != model.pk:
        raise CommentRefused("That version is of another model.")
    if row and row not in {one["key"] for one in version.document["rows"]}:
        raise CommentRefused(
            f"Version {version.number} has no row {row[:64]!r}. Comment on a row that is there, or on the model."
        )
    if period and (not row or period not in version.document["periods"]):
        raise CommentRefused(
            f"Version {version.number} has no figure {row[:64]}.{period[:64]}. Name a row and one of its periods."
        )


def _tell(topic: str, comment: ModelComment, actor: Actor) -> None:
    payload = CommentChanged(
        customer=str(comment.model.customer.public_id),
        model=str(comment.model.public_id),
        comment=str(comment.public_id),
        thread=str(comment.thread.public_id) if comment.thread else "",
        row=comment.row,
        period=comment.period,
    )
    record(topic=topic, row=comment, payload=payload, actor=actor)
