"""A small real push service, and browsers that are subscribed to it: it takes messages by HTTP and reads them as a browser would.

It refuses what a real one refuses: a message that is not signed for the subscription's key (VAPID), or for another address.
``service.answers`` holds the states with which it answers next; when it is empty it takes the message.
"""

import base64
import json
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


def encoded(data: bytes) -> str:
    """Base64url without padding, as browsers write keys."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The reverse."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Subscription:
    """One browser's subscription, with the private side that only a browser has."""

    path: str
    endpoint: str
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def keys(self) -> dict[str, str]:
        """What the browser tells the site."""
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": encoded(point), "auth": encoded(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message. Raises http_ece's exception for what was encrypted for somebody else."""
        plain = http_ece.decrypt(body, private_key=self.private_key, auth_secret=self.secret, version="aes128gcm")
        message: dict[str, Any] = json.loads(plain)
        return message


@dataclass(frozen=True)
class Delivered:
    """A message that arrived: as sent, as read, and what the service was told about it."""

    body: bytes
    message: dict[str, Any]
    headers: dict[str, str]


class PushService:
    """The service at a port of its own."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.delivered: list[Delivered] = []
        self.answers: deque[int] = deque()
        self.asked = 0
        handler = type("Handler", (_Handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def subscribe(self) -> Subscription:
        """A browser of somebody."""
        path = f"/push/{len(self.subscriptions)}"
        self.subscriptions[path] = Subscription(path, f"http://{self.host}{path}")
        return self.subscriptions[path]

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    service: ClassVar[PushService]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.service.asked += 1
        status = self.service.answers.popleft() if self.service.answers else self._taken(body)
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        if status in {301, 302, 307}:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _taken(self, body: bytes) -> int:
        subscription = self.service.subscriptions.get(self.path)
        if subscription is None:
            return 410
        if not self._is_signed():
            return 403
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.service.delivered.append(Delivered(body, subscription.read(body), headers))
        return 201

    def _is_signed(self) -> bool:
        """Whether the sender has a key of its own, and signed with it for this service and for now (RFC 8292)."""
        scheme, _space, parameters = self.headers["Authorization"].partition(" ")
        given = dict(part.strip().split("=", 1) for part in parameters.split(","))
        content, _dot, signature = given["t"].rpartition(".")
        claims = json.loads(decoded(content.partition(".")[2]))
        is_meant = scheme == "vapid" and claims["aud"] == f"http://{self.service.host}" and claims["exp"] > time.time()
        return is_meant and bool(Vapid02.from_raw_public(given["k"].encode()).verify_token(content.encode(), signature))

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def push_service() -> Iterator[PushService]:
    """A push service of this test's own."""
    service = PushService()
    yield service
    service.stop()
