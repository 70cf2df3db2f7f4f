"""Error pages: what happened, what was kept, what to do. For the API, the same as problem details."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _error(request, HTTPStatus.BAD_REQUEST, "The request could not be read.")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, with the sentence that the refusal carries."""
    return _error(request, HTTPStatus.FORBIDDEN, str(exception or "") or "Your role here does not include this.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404; the same for what is not there and for what is another tenant's."""
    return _error(request, HTTPStatus.NOT_FOUND, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500; nothing of the error itself is shown."""
    return _error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side. Nothing was half-saved.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    return _error(request, HTTPStatus.FORBIDDEN, "This form is too old. Load the page again and send it once more.")


def _error(request: HttpRequest, status: HTTPStatus, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, f"errors/{status.value}.html", {"sentence": sentence}, status=status)
