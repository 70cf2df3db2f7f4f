"""Where comments stand when the model changes: they go with their row when it gets another key."""

from typing import Any

from tenants.actors import Actor
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.versions import renames
from valuefabric.models import ModelComment, ModelVersion
from valuefabric.selectors.documents import document_of
from valuefabric.services.records import row_save


def comments_follow(*, parent: ModelVersion, document: ModelDocument, actor: Actor) -> dict[str, Any]:
    """Take comments along to the new keys of their rows; returns what moved where, for the audit.

    For ``line_grow`` on the main line. A comment on a row that is gone stays as it is, and is listed as such.
    """
    now = {row.key for row in document.rows}
    gone = {row["key"] for row in parent.document["rows"]} - now
    standing = list(ModelComment.objects.filter(model=parent.model_id, row__in=gone).order_by("pk")) if gone else []
    if not standing:
        return {}
    names = renames(document_of(parent), document)
    moved = [comment for comment in standing if comment.row in names]
    for comment in moved:
        comment.row = names[comment.row]
        row_save(comment, actor=actor, reason="its row was renamed", fields=["row"])
    return {"comments_moved": {str(comment.public_id): comment.row for comment in moved}} if moved else {}
