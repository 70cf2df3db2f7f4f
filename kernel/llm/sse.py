"""Server-sent events out of bytes as they come. https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from collections.abc import Iterable, Iterator

LONGEST_LINE = 4_000_000


def events(pieces: Iterable[bytes]) -> Iterator[str]:
    """The data of each event. Lines end as the standard allows, a space after the colon may be missing (TGI), fields other than
    data are passed over, and a last event without its blank line counts, for servers that forget it. Raises ValueError for a
    line without end.
    """
    data: list[str] = []
    for line in _lines(pieces):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
        if len(rest) > LONGEST_LINE:
            raise ValueError("a line of the stream is too long")
    if rest:
        yield rest.removesuffix(b"\r").decode("utf-8", "replace")
