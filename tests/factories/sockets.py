"""A WebSocket client inside the test's process (channels' own needs daphne, which VOS does not use)."""

import json
from typing import Any
from urllib.parse import urlsplit

from asgiref.testing import ApplicationCommunicator

SECONDS = 20


class Socket(ApplicationCommunicator):
    """One socket to ``vos.asgi``."""

    def __init__(self, application: Any, address: str, headers: list[tuple[bytes, bytes]]) -> None:
        parts = urlsplit(address)
        scope = {
            "type": "websocket",
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": headers,
            "subprotocols": [],
        }
        super().__init__(application, scope)

    async def connect(self) -> int:
        """Open it; 0, or the code it was refused with."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(SECONDS)
        return 0 if answer["type"] == "websocket.accept" else int(answer.get("code", 1000))

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        answer = await self.receive_output(SECONDS)
        assert answer["type"] == "websocket.send", answer
        message: dict[str, Any] = json.loads(answer["text"])
        return message

    async def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        await self.send_input({"type": "websocket.receive", "text": json.dumps(message)})

    async def leave(self) -> None:
        """Close it and wait for the server's side to end."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(SECONDS)
