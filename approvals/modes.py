"""The three modes of human oversight, and what a second factor may be."""

from enum import StrEnum


class Mode(StrEnum):
    """Where people stand: *in* the loop (it waits for them), *on* it (they may object), *over* it (they review samples)."""

    IN = "in"
    ON = "on"
    OVER = "over"


class SecondFactor(StrEnum):
    """What a policy asks of a vote besides the session: nothing, any second factor, or one that cannot be phished."""

    NONE = ""
    ANY = "any"
    WEBAUTHN = "webauthn"


# What a voter can have proved with, by the names of django-allauth.
METHODS = frozenset({"totp", "webauthn", "recovery_codes"})


def factor_enough(asked: SecondFactor, given: str) -> bool:
    """Whether ``given`` (a method of ``METHODS``, or empty) is what a policy asks for."""
    if asked == SecondFactor.NONE:
        return True
    return given == "webauthn" if asked == SecondFactor.WEBAUTHN else given in METHODS
