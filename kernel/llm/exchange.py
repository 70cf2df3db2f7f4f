"""One HTTP/1.1 request and its reply on an open connection, read as it comes.

The parser is httptools (llhttp, as in Node and uvicorn). Reading never blocks for longer than a tick, so that a caller who wants
no answer any more is let go while the server is still silent; a client library's single time-out cannot do that.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping

from httptools import HttpParserError, HttpResponseParser

TICK_SECONDS = 0.25
_READ_BYTES = 65_536
LARGEST_HEADERS = 65_536


class ReplyCut(ConnectionError):
    """The connection ended before the reply did."""


class Exchange:
    """A request that was sent, and its reply. ``deadline`` is on ``time.monotonic``; ``check`` may raise to end the wait."""

    def __init__(self, sock: socket.socket, *, deadline: float, check: Callable[[], None] | None = None) -> None:
        self._sock, self._deadline, self._check = sock, deadline, check
        self._parser = HttpResponseParser(self)
        self._body: list[bytes] = []
        self.headers: dict[str, str] = {}
        self._begun = self._has_headers = self.complete = False
        # Whether another request may follow on the connection.
        self.reusable = False

    def send(self, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Write the request. Raises OSError; ValueError for a header that would break out of its line."""
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if any(character in line for line in lines for character in "\r\n\0"):
            raise ValueError("A header of a model call holds a line break. Is the key in the environment right?")
        self._sock.settimeout(max(self._deadline - time.monotonic(), 0.001))
        self._sock.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body)

    @property
    def begun(self) -> bool:
        """Whether anything of the reply has come."""
        return self._begun

    def status(self) -> int:
        """The reply's status, when its headers are there. Raises TimeoutError, ReplyCut, OSError, HttpParserError."""
        read = 0
        while not self._has_headers:
            read += self._read()
            if read > LARGEST_HEADERS and not self._has_headers:
                raise HttpParserError("the reply's headers are too long")
        return int(self._parser.get_status_code())

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes, to its end. Raises as ``status`` does."""
        while True:
            if self._body:
                piece, self._body = b"".join(self._body), []
                yield piece
            elif self.complete:
                return
            else:
                self._read()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Called by the parser; an interim reply (100 Continue) is none."""
        self._has_headers = self._parser.get_status_code() >= 200

    def on_body(self, piece: bytes) -> None:
        """Called by the parser."""
        self._body.append(piece)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.complete = self._has_headers
        # Only here: the parser then turns to the next reply and forgets this one.
        self.reusable = self.complete and bool(self._parser.should_keep_alive())

    def _read(self) -> int:
        data = self._received()
        if data:
            self._begun = True
            self._parser.feed_data(data)
        elif self._has_headers and not {"content-length", "transfer-encoding"} & set(self.headers):
            self.complete = True  # such a body ends with its connection
        else:
            raise ReplyCut("the connection ended before the reply did")
        return len(data)

    def _received(self) -> bytes:
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(min(left, TICK_SECONDS) if self._check else left)
            try:
                return self._sock.recv(_READ_BYTES)
            except TimeoutError:
                if self._check:
                    self._check()
