"""A model provider whose answers do not end, a piece every twentieth of a second: ``python -m benchmarks.stream_provider``.

It prints its port and serves until its input ends.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

PIECE_SECONDS = 0.05
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _pieces() -> Iterator[bytes]:
    for number in count():
        choice = {"index": 0, "delta": {"role": "assistant", "content": f"word{number} "}, "finish_reason": None}
        frame = {"id": "chatcmpl-stream", "object": "chat.completion.chunk", "created": 1, "model": "stream", "choices": [choice]}
        event = f"data: {json.dumps(frame)}\n\n".encode()
        yield b"%x\r\n%b\r\n" % (len(event), event)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        for piece in _pieces():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(PIECE_SECONDS)
    writer.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=200)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # whoever started it ends it by letting go


if __name__ == "__main__":
    asyncio.run(_serve())
