"""How refusals of approvals are answered over REST."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import exceptions, status

from approvals.services import NotYourVote, ReasonMissing, SecondFactorNeeded, VoteRefused
from tenants.second_factor import CodeRefused, TooManyCodes


class Conflict(exceptions.APIException):
    """409: the request is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The approval request has changed."
    default_code = "conflict"


@contextmanager
def refusals() -> Iterator[None]:
    """403 for who is not asked or has not proved who they are, 400 for a missing reason or a wrong code, 429 for too many wrong
    codes, 409 for what is over or changed."""
    try:
        yield
    except TooManyCodes as refused:
        raise exceptions.Throttled(detail=str(refused)) from refused
    except CodeRefused as refused:
        raise exceptions.ValidationError({"code": [str(refused)]}) from refused
    except SecondFactorNeeded as refused:
        raise exceptions.PermissionDenied(str(refused), code="second_factor_needed") from refused
    except NotYourVote as refused:
        raise exceptions.PermissionDenied(str(refused)) from refused
    except ReasonMissing as refused:
        raise exceptions.ValidationError({"reason": [str(refused)]}) from refused
    except VoteRefused as refused:
        raise Conflict(str(refused)) from refused
