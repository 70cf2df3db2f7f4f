"""Servers of one's own that speak OpenAI's chat-completions protocol, spoken to directly on connections that are kept.

https://platform.openai.com/docs/api-reference/chat. What vLLM, Ollama, TGI and llama.cpp do differently is in ``dialects``.
"""

import atexit
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from httptools import HttpParserError

from kernel.llm.connections import Connection, Connections, Place
from kernel.llm.dialects import counts_in, error_in, finish_in, refusal_in, text_in
from kernel.llm.errors import AnswerUnreadable, ModelError, ModelTimedOut, ProviderUnreachable, RequestRejected, StreamCut
from kernel.llm.exchange import Exchange
from kernel.llm.faults import status_error, stream_error
from kernel.llm.provider import DIRECT_PROTOCOL, ProviderAnswer, ProviderCall, check_end
from kernel.llm.ratelimits import heard
from kernel.llm.sse import events

LARGEST_ANSWER = 32_000_000
_connections = Connections()
atexit.register(_connections.close)


def answer(call: ProviderCall, on_text: Callable[[str], None] | None = None) -> ProviderAnswer:
    """As ``kernel.llm.provider.provider_answer``."""
    deadline = time.monotonic() + call.timeout_seconds
    body = json.dumps(_body(call, stream=on_text is not None)).encode()
    connection, exchange, status = _asked(call, body, deadline)
    try:
        if status != 200:
            raise status_error(status, _error_text(exchange), exchange.headers, call.deployment, call.api_key)
        streamed = "text/event-stream" in exchange.headers.get("content-type", "")
        whole = _streamed(exchange, call, on_text or (lambda _: None)) if streamed else _whole(exchange, call, on_text)
    except BaseException:
        connection.close()
        raise
    _connections.give_back(connection) if exchange.reusable else connection.close()
    return whole


def _asked(call: ProviderCall, body: bytes, deadline: float) -> tuple[Connection, Exchange, int]:
    """The reply's beginning. Asked a second time only where a kept connection turned out to be closed by the server."""
    for fresh in (False, True):
        connection = None
        try:
            connection = _connections.take(Place.of(call.api_base), fresh=fresh)
            exchange = Exchange(connection.sock, deadline=deadline, check=call.check)
            exchange.send(_target(call.api_base), _headers(call, connection.place), body)
            return connection, exchange, exchange.status()
        except BaseException as error:  # noqa: BLE001 - raised again, as it is or as the gateway's
            stale = connection is not None and connection.reused and isinstance(error, ConnectionError) and not exchange.begun
            if connection is not None:
                connection.close()
            if stale:
                continue
            raise _ours(error, call, connected=connection is not None) from None
    raise _unreachable(call)


def _ours(error: BaseException, call: ProviderCall, *, connected: bool) -> BaseException:
    """The gateway's error for what went wrong before a reply began; what is not about the connection stays as it is."""
    match error:
        case TimeoutError() if connected:
            return _timed_out(call)
        case OSError():
            return _unreachable(call)
        case HttpParserError():
            return _unreadable(call)
        case ValueError():
            return RequestRejected(str(error))
        case _:
            return error


def _whole(exchange: Exchange, call: ProviderCall, on_text: Callable[[str], None] | None) -> ProviderAnswer:
    content = _read(exchange, call)
    try:
        reply = json.loads(content)
        choice = reply["choices"][0]
        text, finish, refusal = text_in(choice["message"]), finish_in(choice), refusal_in(choice["message"])
        whole = ProviderAnswer(text, counts_in(reply), heard(exchange.headers, datetime.now(UTC)))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _unreadable(call) from None
    check_end(finish, refusal, whole, call)
    if on_text is not None and text:
        on_text(text)  # the server does not stream
    return whole


def _streamed(exchange: Exchange, call: ProviderCall, on_text: Callable[[str], None]) -> ProviderAnswer:
    pieces: list[str] = []
    usage, finish, refusal = None, None, ""
    for chunk in _chunks(exchange, call):
        try:
            usage = counts_in(chunk) or usage
            choice = next(iter(chunk.get("choices") or ()), None)
            delta = (choice or {}).get("delta") or {}
            piece, refusal, finish = text_in(delta), refusal or refusal_in(delta), finish_in(choice or {}) or finish
        except (LookupError, TypeError, AttributeError):
            raise _unreadable(call) from None
        if piece:
            pieces.append(piece)
            on_text(piece)
    whole = ProviderAnswer("".join(pieces), usage, heard(exchange.headers, datetime.now(UTC)))
    check_end(finish, refusal, whole, call)
    return whole


def _chunks(exchange: Exchange, call: ProviderCall) -> Iterator[dict[str, Any]]:
    try:
        for data in events(exchange.pieces()):
            if data == "[DONE]":
                continue
            chunk = json.loads(data)
            if said := error_in(chunk):
                raise stream_error(said, call.deployment, call.api_key)
            yield chunk
    except TimeoutError:
        raise _timed_out(call) from None
    except (OSError, HttpParserError):
        raise StreamCut(f"{call.deployment} ended its answer in the middle. Try again.") from None
    except ValueError:
        raise _unreadable(call) from None


def _read(exchange: Exchange, call: ProviderCall) -> bytes:
    content = bytearray()
    try:
        for piece in exchange.pieces():
            content += piece
            if len(content) > LARGEST_ANSWER:
                raise _unreadable(call)
    except TimeoutError:
        raise _timed_out(call) from None
    except (OSError, HttpParserError):
        raise StreamCut(f"{call.deployment} ended its answer in the middle. Try again.") from None
    return bytes(content)


def _error_text(exchange: Exchange) -> str:
    """What the server says about an error, as far as it can be read; the status says enough without it."""
    content = bytearray()
    try:
        for piece in exchange.pieces():
            content += piece
            if len(content) > 20_000:
                break
        return error_in(json.loads(content))
    except (OSError, HttpParserError, ValueError):
        return ""


def _body(call: ProviderCall, *, stream: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": call.model.removeprefix(DIRECT_PROTOCOL),
        "messages": call.messages,
        "max_tokens": call.max_output_tokens,
        "temperature": call.temperature,
    }
    if call.response_format:
        body["response_format"] = call.response_format
    body |= call.extra
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _headers(call: ProviderCall, place: Place) -> dict[str, str]:
    named = {"Host": f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"}
    named |= {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "User-Agent": "vos"}
    return named | ({"Authorization": f"Bearer {call.api_key}"} if call.api_key else {})


def _target(api_base: str) -> str:
    return f"{urlsplit(api_base).path.rstrip('/')}/chat/completions"


def _timed_out(call: ProviderCall) -> ModelError:
    return ModelTimedOut(f"{call.deployment} did not finish its answer within {call.timeout_seconds:g} s.")


def _unreachable(call: ProviderCall) -> ModelError:
    return ProviderUnreachable(f"{call.deployment} cannot be reached. Is its address right, and is it running?")


def _unreadable(call: ProviderCall) -> ModelError:
    return AnswerUnreadable(f"What {call.deployment} sent does not follow the protocol.")
