"""Comments on a model: on one figure, on a row, or on the whole. They outlive the versions that they were written about."""

from django.db import models
from django.db.models import Q

from valuefabric.models.base import FabricRow, actor_history
from valuefabric.models.value_model import ModelVersion, ValueModel

LONGEST_COMMENT = 4_000  # characters


class ModelComment(FabricRow):
    """What somebody said of a model, as text. With ``thread`` it is a reply, and stands where its thread stands.

    ``row`` and ``period`` name the place; without a period the whole row, without a row the model. ``version`` is what the writer
    had before them. Only text, place (a renamed row is followed) and resolution ever change (trigger); its history is kept.
    """

    kind_word = "comment"

    model = models.ForeignKey(ValueModel, on_delete=models.CASCADE, related_name="comments")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    thread = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    row = models.CharField(max_length=64, blank=True)
    period = models.CharField(max_length=64, blank=True)
    text = models.CharField(max_length=LONGEST_COMMENT)
    by = models.CharField(max_length=120)
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=120, blank=True)

    history = actor_history()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(condition=Q(period="") | ~Q(row=""), name="comment_period_of_a_row"),
            models.CheckConstraint(
                condition=Q(thread=None) | Q(row="", period="", resolved_at=None), name="comment_reply_stands_with_thread"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by="") | (Q(resolved_at__isnull=False) & ~Q(resolved_by="")),
                name="comment_resolved_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["model", "thread", "-id"], name="comment_newest")]

    def __str__(self) -> str:
        return self.text[:60]
