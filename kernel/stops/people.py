"""Who may stop and who may release. The kernel knows no people: the app that does declares a judge, and until then nobody may."""

from dataclasses import dataclass
from typing import Literal, Protocol

from django.core.exceptions import PermissionDenied

type Deed = Literal["set", "release"]


@dataclass(frozen=True)
class Person:
    """A person who acts: their account, the name to show, and whether they act as a platform operator."""

    account: int
    actor: str
    name: str

    @property
    def is_operator(self) -> bool:
        """Whether they act for the platform, and not in a tenant."""
        return self.actor.startswith("operator:")


class Judge(Protocol):
    """Knows people and their roles, as they are now."""

    def may(self, actor: str, deed: Deed, schema_name: str) -> bool:
        """Whether ``actor`` may set or release stops of that tenant (of every tenant, where it is empty)."""

    def name_of(self, account: int) -> str:
        """The account's name."""


_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Declare who decides; called when an app is ready. There is one."""
    if _judges and _judges[0] is not judge:
        raise ValueError("Somebody else decides already who may stop and release.")
    _judges[:] = [judge]


def person_permitted(actor: str, deed: Deed, schema_name: str) -> Person:
    """The person behind ``actor`` (``user:12``, ``operator:12``), if they may. Raises PermissionDenied."""
    person = person_of(actor)
    what = f"tenant {schema_name}" if schema_name else "every tenant"
    if not _judges or not _judges[0].may(actor, deed, schema_name):
        raise PermissionDenied(f"{actor} may not {deed} stops of {what}.")
    return person


def person_of(actor: str) -> Person:
    """The person behind ``actor``, whatever they may do. Raises PermissionDenied for what is none."""
    kind, _colon, number = actor.partition(":")
    if kind not in {"user", "operator"} or not number.isdigit():
        raise PermissionDenied(f"Only people stop and release; {actor!r} is none.")
    return Person(int(number), actor, _judges[0].name_of(int(number)) if _judges else "")
