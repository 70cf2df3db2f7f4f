"""The gateway's keys in Valkey: health, kept answers, and who is asking what just now. All may be lost at any time."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import NoScriptError


def client() -> Redis:
    """The connection pool of this process."""
    return _client(settings.REDIS_URL)


def key(*parts: object) -> str:
    """A key of the gateway. With the database's name: two installations, or two runs of tests, may share a Valkey."""
    database: dict[str, Any] = connection.settings_dict
    return ":".join(["vos:llm", str(database["NAME"]), *map(str, parts)])


def run(script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
    """Run ``script`` there, atomically. Its text is sent only to a server that does not know it. Raises RedisError."""
    valkey, digest = client(), _digest(script)
    try:
        return valkey.evalsha(digest, len(keys), *keys, *arguments)
    except NoScriptError:
        return valkey.eval(script, len(keys), *keys, *arguments)


@cache
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()  # the name by which the server knows it


@cache
def _client(url: str) -> Redis:
    # Followers block for up to a second at a time; the socket's time-out must be longer than that.
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
