"""What every table of the fabric has: a public id, its times, a reference for events and audit, a history with its actor."""

import uuid
from functools import cache
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from tenants.models import User

HASH_LENGTH = len("sha256:") + 64


class FabricRow(models.Model):
    """A row that others refer to by its public id; URLs and events never show the primary key."""

    # The word before the colon of ``reference``: customer, case, model …
    kind_word: ClassVar[str] = ""
    # Read by simple_history; set by the services before they save.
    _history_user: str
    _change_reason: str

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def reference(self) -> str:
        """The aggregate of its events and the subject of its audit records, such as ``case:3f1b…``."""
        return f"{self.kind_word}:{self.public_id}"


def owner_field(*, required: bool = False) -> models.ForeignKey[User | None, User | None]:
    """Who answers for a row.

    DO_NOTHING, because accounts are deleted in the public schema, where Django would look for this table and not find it;
    Postgres' own constraint refuses to delete somebody who still owns something.
    """
    return models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", null=not required, blank=not required)


def _actor_of(historical: Any) -> str:
    return historical.history_user_id or ""


def _set_actor(historical: Any, actor: str | None) -> None:
    historical.history_user_id = actor


def _nobody(**_context: Any) -> None:
    return None


class _History(HistoryManager):
    """What ``row.history`` is. simple_history makes this class anew each time it is asked for, which is with every saved row."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet[Any]], class_name: str | None = None) -> Any:
        return super().from_queryset(queryset_class, class_name)


def actor_history() -> HistoricalRecords:
    """A history whose user is an actor's identifier (``user:12``, ``agent:target@1.0.0``): agents are nobody's account.

    Services set ``_history_user`` on the row before they save it.
    """
    return HistoricalRecords(
        history_user_id_field=models.CharField(max_length=120, null=True),
        history_user_getter=_actor_of,
        history_user_setter=_set_actor,
        get_user=_nobody,
        history_manager=_History,
        inherit=True,
    )


def known_values(field: str, values: type[models.TextChoices] | list[str], name: str) -> models.CheckConstraint:
    """A constraint that ``field`` holds one of ``values``."""
    allowed = list(values) if isinstance(values, list) else [str(value) for value in values.values]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": allowed}), name=name)
