"""Reading comments: threads with their answers, and where they stand in a version."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from tenants.actors import Actor
from valuefabric.models import ModelComment, ModelVersion, ValueModel
from valuefabric.selectors.customers import customers_visible_to


@dataclass(frozen=True)
class Thread:
    """A comment with its answers, oldest first. ``gone``: the version shown has no such row, or no such period."""

    comment: ModelComment
    replies: tuple[ModelComment, ...]
    label: str
    gone: bool


def comments_visible_to(actor: Actor) -> QuerySet[ModelComment]:
    """Comments on models of the customers that the actor may see, answers included."""
    return ModelComment.objects.filter(model__customer__in=customers_visible_to(actor))


def threads_of(model: ValueModel) -> QuerySet[ModelComment]:
    """The first comments of a model's threads, newest first, with what a list shows of them; two queries for any number."""
    replies = ModelComment.objects.select_related("thread").order_by("pk")
    rows = ModelComment.objects.filter(model=model, thread=None).select_related("version", "model")
    return rows.defer("version__document").prefetch_related(Prefetch("replies", queryset=replies)).order_by("-pk")


def threads_shown(version: ModelVersion, *, row: str = "", period: str = "", resolved: bool | None = None) -> tuple[Thread, ...]:
    """Threads as they stand in a version, newest first: all, those on a row, or on a figure and its whole row.

    ``resolved`` keeps only those that are, or are not.
    """
    rows = threads_of(version.model)
    if row:
        rows = rows.filter(row=row)
    if period:
        rows = rows.filter(Q(period=period) | Q(period=""))
    if resolved is not None:
        rows = rows.exclude(resolved_at=None) if resolved else rows.filter(resolved_at=None)
    return threads_placed(version, rows)


def threads_placed(version: ModelVersion, comments: "QuerySet[ModelComment] | list[ModelComment]") -> tuple[Thread, ...]:
    """The threads with the label of their row, and whether it is still there."""
    labels = {one["key"]: one["label"] for one in version.document["rows"]}
    periods = set(version.document["periods"])
    return tuple(
        Thread(
            comment=one,
            replies=tuple(one.replies.all()),
            label=labels.get(one.row, one.row),
            gone=bool((one.row and one.row not in labels) or (one.period and one.period not in periods)),
        )
        for one in comments
    )


def open_comment_counts(model: ValueModel) -> dict[tuple[str, str], int]:
    """How many open threads there are by row and period (empty for the whole row, or the model), in one query."""
    places = ModelComment.objects.filter(model=model, thread=None, resolved_at=None).values_list("row", "period")
    return dict(Counter(places))
