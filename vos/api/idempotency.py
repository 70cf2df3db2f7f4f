"""Writes under ``/api/`` with an ``Idempotency-Key`` happen once; a repetition gets the first answer again.

The key's row, the write and the kept answer are one transaction: a second request with the same key waits at the unique
constraint until the first one has committed, and then reads its answer.
"""

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from tenants.actors import NOBODY, actor_of
from vos.api.models import IdempotentAnswer

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_KEY = 200


class IdempotencyMiddleware:
    """See the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method not in WRITES or not request.path.startswith("/api/"):
            return self.get_response(request)
        actor = actor_of(request)
        if actor == NOBODY or actor.role is None:
            return self.get_response(request)
        if len(key) > LONGEST_KEY:
            return _problem(400, f"The Idempotency-Key is longer than {LONGEST_KEY} characters.")
        return self._once(request, actor.identifier, key)

    def _once(self, request: HttpRequest, actor: str, key: str) -> HttpResponse:
        fingerprint = _fingerprint(request)
        try:
            with transaction.atomic():
                answer = IdempotentAnswer.objects.create(actor=actor, key=key, fingerprint=fingerprint)
                response = self.get_response(request)
                _settle(answer, response)
                return response
        except IntegrityError:
            return _replay(actor, key, fingerprint)


def _settle(answer: IdempotentAnswer, response: HttpResponse) -> None:
    """Keep a success. A refusal keeps no answer (mend it and send again) but what the service itself kept; a crash, nothing."""
    if response.status_code >= 500:
        transaction.set_rollback(True)
    elif response.status_code >= 400:
        answer.delete()
    else:
        _keep(answer, response)


def _keep(answer: IdempotentAnswer, response: HttpResponse) -> None:
    answer.status = response.status_code
    answer.content_type = response.headers.get("Content-Type", "")
    answer.body = response.content
    answer.save(update_fields=["status", "content_type", "body"])


def _replay(actor: str, key: str, fingerprint: str) -> HttpResponse:
    kept = IdempotentAnswer.objects.get(actor=actor, key=key)
    if kept.fingerprint != fingerprint:
        return _problem(422, "This Idempotency-Key was used for another request; take a new one.")
    response = HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.content_type)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _problem(status: int, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": "Idempotency key refused", "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
