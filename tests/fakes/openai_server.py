"""A small real HTTP server that speaks OpenAI's chat-completions protocol, and misbehaves when told to.

What it does to each request is taken from a queue (``server.will(...)``, or over HTTP for other processes: POST a list of
``{"kind": "answer", "text": …}`` to ``/control/behaviours``); when the queue is empty, ``server.otherwise`` decides.
Run alone: ``python -m tests.fakes.openai_server 8099``.
"""

import contextlib
import json
import socket
import sys
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

PIECE = 7  # characters to a streamed piece


@dataclass(frozen=True)
class Answer:
    """Answers with ``text``, after ``seconds``; a stream pauses ``piece_seconds`` after each piece, until the server is told to
    ``hurry``.

    Tokens are counted as a quarter of the characters unless they are given. Who sends the beginning of ``text`` as the last
    message, and says that it is to be continued, gets the rest.
    """

    text: str = "ok"
    seconds: float = 0.0
    piece_seconds: float = 0.0
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    with_usage: bool = True
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RateLimit:
    """429, with or without a wish when to come again."""

    retry_after: float | None = None


@dataclass(frozen=True)
class Fail:
    """An error of the given status; ``quote_key`` makes the message repeat the caller's key, as real providers do."""

    status: int = 500
    quote_key: bool = False


@dataclass(frozen=True)
class Hang:
    """Says nothing for ``seconds``, then closes. ``after`` characters of ``text`` are streamed before."""

    seconds: float = 30.0
    text: str = ""


@dataclass(frozen=True)
class CutStream:
    """Sends ``text`` and then closes: in the middle of a chunk, or (``cleanly``) as if that had been the end."""

    text: str = "This answer will be"
    cleanly: bool = False


@dataclass(frozen=True)
class MalformedBody:
    """200, and a body that is not what the protocol says."""

    body: str = '{"choices": [{"mess'


@dataclass(frozen=True)
class Refuse:
    """A refusal by the model itself."""

    text: str = "I can't help with that."


@dataclass(frozen=True)
class ContentFilter:
    """The provider's filter cut the answer."""


@dataclass(frozen=True)
class FailInside:
    """Streams ``text`` and then an error as an event, as TGI and vLLM do when they break down in the middle."""

    text: str = "This answer will be"


@dataclass(frozen=True)
class Dialect:
    """What servers that speak the protocol do in their own way; OpenAI's is the default.

    ``errors`` is the shape of an error: ``object`` as OpenAI, ``text`` as Ollama and TGI, ``flat`` as older vLLM.
    """

    stop_word: str = "stop"
    data_prefix: str = "data: "
    line_end: str = "\n"
    done_marker: bool = True
    counts: bool = True
    thinks_aloud: bool = False
    errors: str = "object"
    chunked: bool = True


OPENAI = Dialect()
VLLM = Dialect(thinks_aloud=True, errors="flat")
OLLAMA = Dialect(errors="text")
TGI = Dialect(stop_word="eos_token", data_prefix="data:", errors="text", done_marker=False)
# Behind simple proxies: CRLF, nobody counts, and the end of the connection ends the answer.
PLAIN = Dialect(line_end="\r\n", counts=False, chunked=False)

type Behaviour = Answer | RateLimit | Fail | Hang | CutStream | MalformedBody | Refuse | ContentFilter | FailInside

KINDS: dict[str, type] = {
    "answer": Answer, "rate_limit": RateLimit, "fail": Fail, "hang": Hang, "cut_stream": CutStream,
    "malformed_body": MalformedBody, "refuse": Refuse, "content_filter": ContentFilter,
    "fail_inside": FailInside,
}  # fmt: skip


def typed(data: Any, **changes: Any) -> Answer:
    """An answer whose text is ``data`` as JSON (a pydantic model or anything JSON-ready)."""
    plain = data.model_dump(mode="json") if hasattr(data, "model_dump") else data
    return Answer(json.dumps(plain), **changes)


def malformed_json() -> Answer:
    """A well-formed reply whose text is JSON that stops short."""
    return Answer('{"title": "Value hypothesis", "claims": [{"text": ')


def invented_numbers(text: str = "Training saves $98,765,432 a year, a return of 417%.") -> Answer:
    """An answer with figures that nobody computed and no evidence holds."""
    return Answer(text)


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class OpenAIServer:
    """The server and its script. ``most_at_once`` is how many requests were inside together."""

    otherwise: Behaviour | Callable[[dict[str, Any]], Behaviour] = field(default_factory=Answer)
    port: int = 0
    dialect: Dialect = OPENAI

    def __post_init__(self) -> None:
        self.requests: list[Received] = []
        self.most_at_once = 0
        self.lock, self.closing = threading.Lock(), threading.Event()
        self.hurry = threading.Event()
        self._script: deque[Behaviour] = deque()
        self._inside = 0
        # The system gives a port again after a few thousand; what somebody keeps of an address (answers, for an hour) must not
        # meet another test's server there.
        self.own_path = f"/{uuid.uuid4().hex[:8]}"
        self._http = _Server(("127.0.0.1", self.port), type("Handler", (_Handler,), {"fake": self}))
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """What goes into a deployment's ``api_base``."""
        return f"http://127.0.0.1:{self.port}{self.own_path}/v1"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.closing.set()
        self.hurry.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.hang_up()

    def will(self, *behaviours: Behaviour) -> None:
        """Do these to the next requests, one each."""
        with self.lock:
            self._script.extend(behaviours)

    @property
    def inside(self) -> int:
        """How many requests are being answered now."""
        with self.lock:
            return self._inside

    def reset(self) -> None:
        with self.lock:
            self._script.clear()
            self.requests.clear()
            self.most_at_once = 0

    def next_behaviour(self, body: dict[str, Any]) -> Behaviour:
        with self.lock:
            if self._script:
                return self._script.popleft()
        return self.otherwise(body) if callable(self.otherwise) else self.otherwise

    def enter(self, received: Received) -> None:
        with self.lock:
            self.requests.append(received)
            self._inside += 1
            self.most_at_once = max(self.most_at_once, self._inside)

    def leave(self) -> None:
        with self.lock:
            self._inside -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """On all that are still connected, or they would go on to be answered by a server that was stopped."""
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about; other errors show as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    fake: ClassVar[OpenAIServer]
    protocol_version = "HTTP/1.1"
    server_version = "FakeOpenAI"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is for its failures."""

    @property
    def _asked(self) -> str:
        return self.path.removeprefix(self.fake.own_path)

    def do_GET(self) -> None:
        if self.path == "/control/requests":
            self._json(200, [asdict(received) for received in self.fake.requests])
        elif self._asked == "/v1/models":
            self._json(200, {"object": "list", "data": [{"id": "fake", "object": "model"}]})
        else:
            self._json(404, _error("not found"))

    def do_DELETE(self) -> None:
        self.fake.reset()
        self._json(200, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if self.path == "/control/behaviours":
            self.fake.will(*(KINDS[item.pop("kind")](**item) for item in body))
            self._json(200, {})
            return
        if self._asked != "/v1/chat/completions":
            self._json(404, _error("not found"))
            return
        self.fake.enter(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        try:
            self._behave(self.fake.next_behaviour(body), body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.fake.leave()

    def _behave(self, behaviour: Behaviour, body: dict[str, Any]) -> None:
        match behaviour:
            case Answer():
                self.fake.closing.wait(behaviour.seconds)
                self._answer(_rest(behaviour, body), body)
            case Refuse(text):
                self._refuse(text, body)
            case ContentFilter():
                self._answer(Answer("", finish_reason="content_filter"), body)
            case _:
                self._misbehave(behaviour, body)

    def _misbehave(self, behaviour: Behaviour, body: dict[str, Any]) -> None:
        match behaviour:
            case RateLimit(retry_after):
                headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
                self._json(429, self._error("Rate limit reached", "rate_limit_exceeded"), headers)
            case Fail(status, quote_key):
                key = self.headers.get("authorization", "").removeprefix("Bearer ")
                self._json(status, self._error(f"Failure. Key was {key}" if quote_key else "The server had an error"))
            case Hang():
                self._hang(behaviour, body)
            case CutStream(text, cleanly):
                self._begin_stream()
                self._pieces(text, body)
                self._end_stream() if cleanly else self._hang_up(b"64\r\ndata: {")
            case FailInside(text):
                self._begin_stream()
                self._pieces(text, body)
                self._event(self._error("The engine died"))
                self._end_stream()
            case MalformedBody(text):
                self._send(200, text.encode(), {"content-type": "application/json"})

    def _hang(self, behaviour: Hang, body: dict[str, Any]) -> None:
        if behaviour.text:
            self._begin_stream()
            self._pieces(behaviour.text, body)
        self.fake.closing.wait(behaviour.seconds)
        self._hang_up()

    def _answer(self, answer: Answer, body: dict[str, Any]) -> None:
        usage = _usage(answer, body) if answer.with_usage and self.fake.dialect.counts else None
        if not body.get("stream"):
            message = {"role": "assistant", "content": answer.text, "refusal": None}
            reply = _frame(body, "chat.completion", [{"index": 0, "message": message, "finish_reason": self._word(answer)}])
            self._json(200, reply | ({"usage": usage} if usage else {}), answer.headers)
            return
        self._begin_stream(answer.headers)
        self._pieces(answer.text, body, answer.piece_seconds)
        self._event(_chunk(body, {}, self._word(answer)))
        if usage and (body.get("stream_options") or {}).get("include_usage"):
            self._event(_frame(body, "chat.completion.chunk", []) | {"usage": usage})
        self._done()

    def _refuse(self, text: str, body: dict[str, Any]) -> None:
        if body.get("stream"):
            self._begin_stream()
            self._event(_chunk(body, {"role": "assistant", "refusal": text}))
            self._event(_chunk(body, {}, "stop"))
            self._done()
            return
        message = {"role": "assistant", "content": None, "refusal": text}
        reply = _frame(body, "chat.completion", [{"index": 0, "message": message, "finish_reason": "stop"}])
        self._json(200, reply | {"usage": _usage(Answer(text), body)})

    def _word(self, answer: Answer) -> str:
        return self.fake.dialect.stop_word if answer.finish_reason == "stop" else answer.finish_reason

    def _error(self, message: str, code: str = "server_error") -> dict[str, Any]:
        match self.fake.dialect.errors:
            case "text":
                return {"error": message, "error_type": code}
            case "flat":
                return {"object": "error", "message": message, "type": code, "code": 400}
            case _:
                return _error(message, code)

    def _pieces(self, text: str, body: dict[str, Any], seconds: float = 0.0) -> None:
        if self.fake.dialect.thinks_aloud:
            self._event(_chunk(body, {"role": "assistant", "reasoning_content": "Let me think."}))
        for start in range(0, len(text), PIECE):
            self._event(_chunk(body, {"role": "assistant", "content": text[start : start + PIECE]}))
            if seconds:
                self.fake.hurry.wait(seconds)

    def _begin_stream(self, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        streamed = {"content-type": "text/event-stream"}
        streamed |= {"transfer-encoding": "chunked"} if self.fake.dialect.chunked else {"connection": "close"}
        for name, value in (streamed | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()

    def _event(self, data: dict[str, Any]) -> None:
        self._line(json.dumps(data))

    def _done(self) -> None:
        if self.fake.dialect.done_marker:
            self._line("[DONE]")
        self._end_stream()

    def _line(self, data: str) -> None:
        self._write(f"{self.fake.dialect.data_prefix}{data}{self.fake.dialect.line_end * 2}".encode())

    def _write(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content) if self.fake.dialect.chunked else content)
        self.wfile.flush()

    def _end_stream(self) -> None:
        if self.fake.dialect.chunked:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def _hang_up(self, last: bytes = b"") -> None:
        self.wfile.write(last)
        self.wfile.flush()
        self.close_connection = True

    def _json(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(data).encode(), {"content-type": "application/json"} | (headers or {}))

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"content-length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _rest(answer: Answer, body: dict[str, Any]) -> Answer:
    """What is left to say for who has the beginning."""
    last = body["messages"][-1]
    continued = last.get("prefix") or (body.get("continue_final_message") and not body.get("add_generation_prompt", True))
    begun = last["content"] if last["role"] == "assistant" and continued else ""
    return replace(answer, text=answer.text.removeprefix(begun)) if begun else answer


def _frame(body: dict[str, Any], kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake",
        "object": kind,
        "created": 1_763_700_000,
        "model": body.get("model", "fake"),
        "choices": choices,
    }


def _chunk(body: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return _frame(body, "chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}])


def _usage(answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
    asked = sum(len(str(message.get("content", ""))) for message in body.get("messages", []))
    prompt = answer.prompt_tokens if answer.prompt_tokens is not None else asked // 4
    completion = answer.completion_tokens if answer.completion_tokens is not None else len(answer.text) // 4
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
    }


def _error(message: str, code: str = "server_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A model provider for this test. Script it with ``openai_server.will(...)``."""
    server = OpenAIServer()
    server.start()
    yield server
    server.stop()


if __name__ == "__main__":
    alone = OpenAIServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8099)
    print(alone.url)  # noqa: T201 - its one line of output
    alone.start()
    alone._thread.join()
