"""Signed calls from outside: ``POST /hooks/<trigger>/``. Nobody is logged in here; the signature says who calls.

What a caller without the secret learns is the same for a trigger that is off, of another kind, of another tenant, or not there.
"""

import json
import uuid
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from workflows.triggers.models import Kind, Trigger, TriggerFiring
from workflows.triggers.services import Delivery, webhook_check, webhook_fire
from workflows.triggers.signatures import SignatureRefused

LARGEST_BODY = 256 * 1024
_MOST_NESTED = 32


class BodyRefused(ValueError):
    """The body is no JSON object, or one that nobody could mean."""


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, trigger: uuid.UUID) -> JsonResponse:
    """Fire a webhook's trigger: 202 with the run, 200 for a delivery that came before, 4xx with what to change."""
    body = _body(request)
    if body is None:
        return _problem(413, f"The body is larger than {LARGEST_BODY // 1024} KiB.")
    found = Trigger.objects.filter(public_id=trigger, kind=Kind.WEBHOOK, enabled=True).first()
    if found is None:
        return _problem(404, "There is no such webhook here.")
    headers = request.headers
    delivery = Delivery(
        headers.get("webhook-id", ""), headers.get("webhook-timestamp", ""), headers.get("webhook-signature", ""), body
    )
    try:
        webhook_check(trigger=found, delivery=delivery)
        content = _content(request, body)
    except SignatureRefused as refused:
        return _problem(401, str(refused))
    except BodyRefused as refused:
        return _problem(400, str(refused))
    known = found.firings.filter(key=delivery.id).exists()
    return _answer(webhook_fire(trigger=found, delivery=delivery, body=content), known=known)


def _body(request: HttpRequest) -> bytes | None:
    """The body's bytes; None for too many, of which no more is read than is needed to know."""
    try:
        if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
            return None
        body = request.read(LARGEST_BODY + 1)
    except (ValueError, RequestDataTooBig):
        return None
    return body if len(body) <= LARGEST_BODY else None


def _content(request: HttpRequest, body: bytes) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise BodyRefused("Send application/json.")
    try:
        content = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BodyRefused("The body is not valid JSON.") from error
    if not isinstance(content, dict) or _depth(content) > _MOST_NESTED:
        raise BodyRefused(f"The body must be a JSON object, nested at most {_MOST_NESTED} deep.")
    if "\\u0000" in json.dumps(content):
        raise BodyRefused("The body contains a NUL character, which no text has.")
    return content


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= _MOST_NESTED:
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level, depth = [part for parts in inner for part in parts], depth + 1
    return depth


def _answer(firing: TriggerFiring, *, known: bool) -> JsonResponse:
    if firing.execution is None:
        return _problem(422, firing.error)
    return JsonResponse({"run": str(firing.execution.public_id), "repeated": known}, status=200 if known else 202)


def _problem(status: int, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": "The call was not accepted", "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
