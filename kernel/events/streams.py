"""Valkey Streams as the relay's publisher: one stream per topic, trimmed, because Postgres holds the truth."""

import json
from functools import cached_property
from typing import Any

from kernel.events.envelope import Envelope

LONGEST_STREAM = 100_000


class StreamPublisher:
    """Publishes envelopes with XADD. A reader may see an event twice (its ``id`` tells), never out of order per aggregate."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def _client(self) -> Any:
        import redis  # only the relay needs the client

        return redis.Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=2)

    def publish(self, envelope: Envelope) -> None:
        """Append to ``vos:events:<topic>``. Raises redis.RedisError when the server is away."""
        fields = {"event": json.dumps(envelope.as_cloudevent(), separators=(",", ":"))}
        self._client.xadd(f"vos:events:{envelope.topic}", fields, maxlen=LONGEST_STREAM, approximate=True)
