"""Telling all workers at once that stops have changed. Only a nudge: who hears it reads Postgres; who does not, soon does."""

import logging
from functools import cache

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def channel() -> str:
    """With the database's name: two installations may share a Valkey."""
    return f"vos:stops:{connection.settings_dict['NAME']}"


def nudge() -> None:
    """Have every process look now. Never raises."""
    from kernel.stops.watch import watcher  # listens here

    watcher.stale()
    try:
        _client(settings.REDIS_URL).publish(channel(), b"look")
    except RedisError as error:
        logger.warning("stops.nudge_failed", extra={"reason": type(error).__name__})


def subscribed() -> PubSub:
    """A subscription to the nudges. Raises RedisError."""
    own = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.2, socket_timeout=1)
    heard: PubSub = own.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # in redis-py
    heard.subscribe(channel())
    return heard


@cache
def _client(url: str) -> Redis:
    # The person who presses the button waits for this.
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=0.5)
