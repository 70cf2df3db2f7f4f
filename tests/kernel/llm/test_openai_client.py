"""Speaking the protocol directly: dialects of local servers, kept connections, hostile replies."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kernel.llm import errors
from kernel.llm.provider import ProviderCall, is_direct, provider_answer
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

DIALECTS = {"vllm": fake.VLLM, "ollama": fake.OLLAMA, "tgi": fake.TGI, "plain": fake.PLAIN}


def call(url: str, **changes: Any) -> ProviderCall:
    values: dict[str, Any] = {
        "deployment": "fake",
        "model": "openai/fake",
        "messages": ({"role": "user", "content": "How are you?"},),
        "max_output_tokens": 50,
        "timeout_seconds": 5,
        "api_base": url,
    }
    return ProviderCall(**(values | changes))


@pytest.fixture(params=DIALECTS)
def server(request: pytest.FixtureRequest, openai_server: OpenAIServer) -> OpenAIServer:
    openai_server.dialect = DIALECTS[request.param]
    return openai_server


@pytest.mark.parametrize("streamed", [False, True])
def test_local_servers_answers_are_read_in_their_dialects(server: OpenAIServer, streamed: bool) -> None:
    server.will(fake.Answer("Quiet, exact, 5 €.", prompt_tokens=9, completion_tokens=6))
    pieces: list[str] = []
    answer = provider_answer(call(server.url), pieces.append if streamed else None)
    assert answer.text == "Quiet, exact, 5 €."
    assert "".join(pieces) == (answer.text if streamed else "")
    counted = (answer.usage.prompt, answer.usage.completion) if answer.usage else None
    assert counted == ((9, 6) if server.dialect.counts else None)


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        (fake.Fail(422), errors.RequestRejected, "The server had an error"),
        (fake.Fail(500), errors.ProviderFailed, "The server had an error"),
        (fake.RateLimit(), errors.RateLimited, "Rate limit reached"),
        (fake.Answer("Half", finish_reason="length"), errors.OutputTruncated, "did not fit"),
        (fake.Answer("Half", finish_reason="abort"), errors.StreamCut, "middle"),
    ],
)
def test_local_servers_faults_are_read_in_their_dialects(
    server: OpenAIServer, behaviour: fake.Behaviour, error: type[errors.ModelError], says: str
) -> None:
    server.will(behaviour)
    with pytest.raises(error, match=says):
        provider_answer(call(server.url), lambda _: None)


def test_an_engine_that_dies_in_the_middle_is_no_answer(server: OpenAIServer) -> None:
    server.will(fake.FailInside("Half of"))
    pieces: list[str] = []
    with pytest.raises(errors.StreamCut, match="The engine died"):
        provider_answer(call(server.url), pieces.append)
    assert "".join(pieces) == "Half of"


def test_calls_share_one_connection(openai_server: OpenAIServer) -> None:
    ports: set[Any] = set()
    seen = openai_server._http.get_request

    def noted() -> Any:
        request, address = seen()
        ports.add(address)
        return request, address

    openai_server._http.get_request = noted  # type: ignore[method-assign]
    for streamed in (False, True, False, True):
        provider_answer(call(openai_server.url), (lambda _: None) if streamed else None)
    assert len(ports) == 1


def test_a_call_that_ended_badly_leaves_no_connection_to_the_next(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Hang(0.5, text="Well"), fake.Answer("Mine"))
    with pytest.raises(errors.ModelTimedOut):
        provider_answer(call(openai_server.url, timeout_seconds=0.2), lambda _: None)
    assert provider_answer(call(openai_server.url)).text == "Mine"


def test_a_silent_provider_is_left_when_nobody_wants_the_answer(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Hang(30))

    def unwanted() -> None:
        if openai_server.inside:
            raise KeyError("stopped")

    with pytest.raises(KeyError, match="stopped"):
        provider_answer(call(openai_server.url, timeout_seconds=20, check=unwanted))
    assert openai_server.inside == 1  # which still says nothing: it was neither waited for nor timed out


def test_a_key_with_a_line_break_cannot_add_a_header(openai_server: OpenAIServer) -> None:
    with pytest.raises(errors.RequestRejected, match="line break"):
        provider_answer(call(openai_server.url, api_key="sk-1\r\nX-Evil: 1"))
    assert openai_server.requests == []


@contextmanager
def answering(*replies: bytes) -> Iterator[str]:
    """A server that sends each connection its reply, byte for byte, and closes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for reply in replies:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        thread.join(5)
        listening.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"choices": []}',
        b'HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{"choices": [{"message": "text"}]}',
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: [1, 2]\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {nonsense\n\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 200_000,
    ],
    ids=["not-http", "a-list", "no-choice", "text-for-a-message", "event-of-a-list", "event-of-nonsense", "endless-header"],
)
def test_a_reply_that_breaks_the_protocol_is_unreadable(reply: bytes) -> None:
    with answering(reply) as url, pytest.raises(errors.AnswerUnreadable):
        provider_answer(call(url), lambda _: None)


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"], ids=["0", "1", "2"]
)
def test_a_reply_that_is_cut_is_retryable(reply: bytes) -> None:
    with answering(reply) as url, pytest.raises(errors.RetryableModelError):
        provider_answer(call(url))


@pytest.mark.parametrize("url", ["ftp://models.example/v1", "http://", "http://models.example:port/v1", "models.example"])
def test_an_address_that_is_none_is_the_operators_error(url: str) -> None:
    with pytest.raises(errors.RequestRejected, match="Change it in the admin"):
        provider_answer(call(url))


def test_providers_of_others_and_proxies_are_left_to_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    own = call("http://models.example:8000/v1")
    assert is_direct(own)
    assert not is_direct(call("http://models.example:8000/v1", model="anthropic/claude"))
    assert not is_direct(call(""))
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert not is_direct(own)
    assert is_direct(call("http://inside.example/v1"))
