"""Web push: one message to one browser's push service, encrypted so that only that browser reads it (RFC 8030, 8291, 8292)."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from approvals.notices.channels import Undeliverable
from approvals.notices.endpoints import endpoint_allowed
from approvals.notices.keys import push_private_key
from approvals.notices.models import PushDevice

SECONDS = 10
_GONE = frozenset({404, 410})
_TERMINAL = frozenset({400, 401, 403, 413})


def push_send(device: PushDevice, message: Mapping[str, Any], *, topic: str, keep_seconds: int) -> None:
    """Hand ``message`` to the device's push service, which keeps it ``keep_seconds`` for a device that is off.

    A later message with the same ``topic`` (at most 32 characters of base64url) takes the place of one that still waits there.
    Raises Undeliverable.
    """
    if not endpoint_allowed(device.endpoint, own_hosts=settings.VOS_PUSH_HOSTS):
        raise Undeliverable("The push service's address is not allowed any more.", gone=True)
    answer = _posted(device, json.dumps(dict(message)), {"Topic": topic, "Urgency": "high"}, keep_seconds)
    if answer.status_code in _GONE:
        raise Undeliverable(f"The push service says {answer.status_code}: the subscription has ended.", gone=True)
    if answer.status_code >= 300:
        after = answer.headers.get("Retry-After", "")
        raise Undeliverable(
            f"The push service says {answer.status_code}.",
            retry=answer.status_code not in _TERMINAL,
            after_seconds=int(after) if after.isdecimal() else None,
        )


def _posted(device: PushDevice, text: str, headers: dict[str, str], keep_seconds: int) -> Any:
    # Only workers that send push need these; they bring two HTTP clients.
    import requests
    from pywebpush import WebPusher

    with requests.Session() as session:
        session.max_redirects = 0  # an answer must not lead us elsewhere
        session.trust_env = False
        subscription = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
        pusher = WebPusher(subscription, requests_session=session)
        try:
            return pusher.send(text, headers | _identified(device.endpoint), ttl=keep_seconds, timeout=SECONDS)
        except requests.RequestException as error:
            raise Undeliverable(f"The push service cannot be reached ({type(error).__name__}).") from error


def _identified(endpoint: str) -> dict[str, str]:
    """Who we are (VAPID): the push service refuses messages to this subscription that anybody else signs."""
    from py_vapid import Vapid02  # as above

    parts = urlsplit(endpoint)
    signer = Vapid02(private_key=push_private_key())
    signed: dict[str, str] = signer.sign({"aud": f"{parts.scheme}://{parts.netloc}", "sub": settings.VOS_PUSH_CONTACT})
    return signed
