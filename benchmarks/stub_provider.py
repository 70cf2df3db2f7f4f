"""A model provider that answers at once, for measuring what stands before it: ``python -m benchmarks.stub_provider``.

It prints its port and serves until its input ends. No framework: it must never be what is measured.
"""

import asyncio
import json
import sys

_ANSWER = json.dumps(
    {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 1_763_700_000,
        "model": "stub",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Value is what counts."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45},
    }
).encode()
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_ANSWER), _ANSWER)


class Stub(asyncio.Protocol):
    """Answers each whole request with the same reply."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + _length(self._read[:end])
            if len(self._read) < whole:
                return
            self._read = self._read[whole:]
            self._transport.write(_REPLY)  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # whoever started it ends it by letting go
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
