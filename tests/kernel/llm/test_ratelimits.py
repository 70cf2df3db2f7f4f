from datetime import UTC, datetime

import pytest

from kernel.llm.ratelimits import heard, retry_after
from kernel.scheduler.admission import Heard

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1.0), ("6m0s", 360.0), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("0.25", 0.25), ("9d", 86_400.0)]
)
def test_what_is_left_counts_until_the_reset(text: str, seconds: float) -> None:
    headers = {"x-ratelimit-remaining-tokens": "17", "x-ratelimit-reset-tokens": text}
    assert heard(headers, NOW) == Heard(tokens_left=17, tokens_left_seconds=pytest.approx(seconds))


def test_anthropics_headers_say_when_as_a_time() -> None:
    headers = {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:45Z",
        "anthropic-ratelimit-tokens-remaining": "9000",
        "anthropic-ratelimit-tokens-reset": "2026-03-01T11:59:00Z",
    }
    assert heard(headers, NOW) == Heard(0.0, 0, 45.0, 9000, 0.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining-tokens": "17"},
        {"x-ratelimit-remaining-tokens": "17", "x-ratelimit-reset-tokens": "whenever"},
        {"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "1s"},
        {"x-ratelimit-remaining-tokens": "9" * 400, "x-ratelimit-reset-tokens": "1s"},
    ],
)
def test_what_cannot_be_read_is_as_not_said(headers: dict[str, str]) -> None:
    assert heard(headers, NOW) is None
