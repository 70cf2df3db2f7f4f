"""What people are told, on which ways, and how far a notice has come. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """What a notice says: it is your turn, still, also yours now; you may object; please review; this is how it ended; somebody
    asks you to release a stop with them."""

    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    OBJECTABLE = "objectable"
    REVIEW = "review"
    DECIDED = "decided"
    RELEASE = "release"


# These ask somebody to do something: who cannot any more is not told.
ASKING = frozenset({Kind.ASKED, Kind.REMINDED, Kind.ESCALATED})


class Channel(StrEnum):
    """A way to reach people."""

    EMAIL = "email"
    PUSH = "push"


class NoticeState(StrEnum):
    """``dropped``: there was no point any more when its turn came (decided, left, device gone). ``failed``: given up."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
