"""The gateway's keys in Valkey: health, kept answers, and who is asking what just now. All may be lost at any time."""

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from redis import Redis


def client() -> Redis:
    """The connection pool of this process."""
    return _client(settings.REDIS_URL)


def key(*parts: object) -> str:
    """A key of the gateway. With the database's name: two installations, or two runs of tests, may share a Valkey."""
    database: dict[str, Any] = connection.settings_dict
    return ":".join(["vos:llm", str(database["NAME"]), *map(str, parts)])


@cache
def _client(url: str) -> Redis:
    # Followers block for up to a second at a time; the socket's time-out must be longer than that.
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
