"""Only pages of the same host may open a socket (the port differs: pages and sockets are different servers)."""

from typing import Any
from urllib.parse import urlsplit


class SameHostOrigin:
    """Refuse a socket whose Origin names another host: another site's script would come with the person's cookie."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = urlsplit(headers.get(b"origin", "")).hostname
        if origin is None or origin != headers.get(b"host", "").partition(":")[0].lower():
            await send({"type": "websocket.close", "code": 4403})
            return
        await self.inner(scope, receive, send)
