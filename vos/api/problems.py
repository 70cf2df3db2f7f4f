"""Errors as problem details (RFC 9457, ``application/problem+json``)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal says what happened in the same shape; unknown errors stay 500."""
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    elif isinstance(error, ValueError):
        # Services refuse bad input with ValueErrors whose message tells the reader what to do.
        error = exceptions.ValidationError(str(error))
    detail = str(error) if isinstance(error, PermissionDenied | Http404) and str(error) else ""
    response = exception_handler(error, context)
    if response is None:
        return None
    set_rollback()
    response.data = _problem(response, detail)
    response.content_type = "application/problem+json"
    return response


def _problem(response: Response, detail: str) -> dict[str, Any]:
    status = HTTPStatus(response.status_code)
    problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(response.data, dict) and set(response.data) == {"detail"}:
        problem["detail"] = detail or str(response.data["detail"])
    else:
        problem["detail"] = detail or "Some fields were refused; see errors."
        problem["errors"] = response.data
    return problem
