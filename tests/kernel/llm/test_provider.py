"""The port to providers against a real HTTP server, faults included. No database."""

import logging
import time
from typing import Any

import pytest

from kernel.llm import errors, provider
from kernel.llm.provider import ProviderCall, provider_answer
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

KEY = "sk-very-secret-1234567890"


@pytest.fixture(params=["direct", "litellm"], autouse=True)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients hold to the port's contract."""
    monkeypatch.setattr(provider, "is_direct", lambda _: request.param == "direct")


def call(server: OpenAIServer, **changes: Any) -> ProviderCall:
    values: dict[str, Any] = {
        "deployment": "fake",
        "model": "openai/fake",
        "messages": ({"role": "user", "content": "How are you?"},),
        "max_output_tokens": 50,
        "timeout_seconds": 5,
        "api_base": server.url,
        "api_key": KEY,
    }
    return ProviderCall(**(values | changes))


def test_answer_comes_with_its_tokens(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("Fine, thanks.", prompt_tokens=11, completion_tokens=4, cached_tokens=3))
    answer = provider_answer(call(openai_server))
    assert answer.text == "Fine, thanks."
    assert (answer.usage.prompt, answer.usage.completion, answer.usage.cached) == (11, 4, 3)


def test_request_carries_key_and_limits(openai_server: OpenAIServer) -> None:
    provider_answer(call(openai_server, response_format={"type": "json_object"}))
    (received,) = openai_server.requests
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.body["max_tokens"] == 50
    assert received.body["response_format"] == {"type": "json_object"}
    assert received.body["model"] == "fake"


def test_stream_gives_its_pieces_and_its_tokens(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("A calm and exact look.", prompt_tokens=9, completion_tokens=6))
    pieces: list[str] = []
    answer = provider_answer(call(openai_server), pieces.append)
    assert len(pieces) > 2
    assert "".join(pieces) == answer.text == "A calm and exact look."
    assert (answer.usage.prompt, answer.usage.completion) == (9, 6)


def test_answer_without_usage_says_that_nobody_counted(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("x", with_usage=False))
    assert provider_answer(call(openai_server)).usage is None


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (fake.RateLimit(), errors.RateLimited),
        (fake.Fail(500), errors.ProviderFailed),
        (fake.Fail(503), errors.ProviderFailed),
        (fake.Fail(401), errors.RequestRejected),
        (fake.Fail(400), errors.RequestRejected),
        (fake.Fail(404), errors.RequestRejected),
        (fake.Refuse(), errors.ModelRefused),
        (fake.ContentFilter(), errors.ModelRefused),
        (fake.Answer("Half of", finish_reason="length"), errors.OutputTruncated),
    ],
)
def test_fault_becomes_its_error(
    openai_server: OpenAIServer, behaviour: fake.Behaviour, error: type[errors.ModelError], streamed: bool
) -> None:
    openai_server.will(behaviour)
    with pytest.raises(error, match="fake"):
        provider_answer(call(openai_server), (lambda _: None) if streamed else None)
    assert len(openai_server.requests) == 1  # nobody below the gateway tries again


def test_rate_limit_tells_when_to_come_again(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.RateLimit(retry_after=7))
    with pytest.raises(errors.RateLimited) as caught:
        provider_answer(call(openai_server))
    assert caught.value.retry_seconds == 7.0


def test_malformed_body_is_unreadable_and_retryable(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.MalformedBody())
    with pytest.raises(errors.RetryableModelError):
        provider_answer(call(openai_server))


@pytest.mark.parametrize("cleanly", [False, True])
def test_cut_stream_is_no_answer(openai_server: OpenAIServer, cleanly: bool) -> None:
    openai_server.will(fake.CutStream("This answer will be", cleanly=cleanly))
    pieces: list[str] = []
    with pytest.raises(errors.StreamCut):
        provider_answer(call(openai_server), pieces.append)
    assert "".join(pieces) == "This answer will be"


@pytest.mark.parametrize("streamed", [False, True])
def test_hang_ends_at_the_timeout(openai_server: OpenAIServer, streamed: bool) -> None:
    openai_server.will(fake.Hang(60, text="Well" if streamed else ""))
    with pytest.raises(errors.ModelTimedOut):
        provider_answer(call(openai_server, timeout_seconds=0.5), (lambda _: None) if streamed else None)
    assert openai_server.inside == 1  # it has not ended by itself


def test_nobody_listening_is_unreachable() -> None:
    stopped = OpenAIServer()
    stopped.start()
    stopped.stop()
    with pytest.raises(errors.ProviderUnreachable):
        provider_answer(call(stopped))


def test_key_quoted_back_by_the_provider_stays_secret(openai_server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (401, 500):
        openai_server.will(fake.Fail(status, quote_key=True))
        with pytest.raises(errors.ModelError) as caught:
            provider_answer(call(openai_server))
        assert KEY not in str(caught.value)
        assert caught.value.__cause__ is None
    assert KEY not in caplog.text
    assert KEY not in repr(call(openai_server))


def test_error_in_the_listener_comes_through_as_it_is(openai_server: OpenAIServer) -> None:
    def listen(_: str) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        provider_answer(call(openai_server), listen)


def test_a_stream_that_nobody_listens_to_any_more_is_hung_up(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("x" * 3_000_000))

    def listen(_: str) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        provider_answer(call(openai_server), listen)
    end = time.monotonic() + 3
    while openai_server.inside and time.monotonic() < end:
        time.sleep(0.01)
    assert openai_server.inside == 0


@pytest.mark.parametrize("in_pieces", [True, False], ids=["in-pieces", "whole"])
def test_a_silent_provider_is_left_when_nobody_wants_the_answer(openai_server: OpenAIServer, in_pieces: bool) -> None:
    class Unwanted(Exception):
        """What the caller says."""

    def unwanted() -> None:
        if openai_server.requests:
            asked_at.append(time.monotonic())
            raise Unwanted

    asked_at: list[float] = []
    openai_server.will(fake.Hang(20, text="Once upon a time ") if in_pieces else fake.Answer(seconds=20))
    with pytest.raises(Unwanted):
        provider_answer(call(openai_server, timeout_seconds=20, check=unwanted), (lambda _: None) if in_pieces else None)
    assert time.monotonic() - asked_at[0] < 5  # and not the twenty seconds that it hangs
