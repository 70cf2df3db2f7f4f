"""What the resources of workflows share: bodies that are checked first, and refusals as 409."""

from collections.abc import Callable
from typing import Any

from rest_framework import exceptions, serializers, status
from rest_framework.request import Request

from workflows.library import UnknownDefinition
from workflows.states import IllegalTransition


class Conflict(exceptions.APIException):
    """409: it is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "It has moved on."
    default_code = "conflict"


def given(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The request's body as ``kind`` checks it. Raises ValidationError, which is answered with 400."""
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def asked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The request's query as ``kind`` checks it."""
    serializer = kind(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def done[T](change: Callable[[], T]) -> T:
    """Do ``change``; what its service refuses is answered with 409 for a state, and 400 for a name that nobody has."""
    try:
        return change()
    except IllegalTransition as refused:
        raise Conflict(str(refused)) from refused
    except UnknownDefinition as unknown:
        raise exceptions.ValidationError({"definition": [str(unknown)]}) from unknown
