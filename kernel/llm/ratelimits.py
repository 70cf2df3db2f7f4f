"""Reading what providers say about their limits, in the headers of their answers.

OpenAI and those who follow it: https://platform.openai.com/docs/guides/rate-limits (``x-ratelimit-*``, durations as ``6m0s``);
Anthropic: https://docs.anthropic.com/en/api/rate-limits (``anthropic-ratelimit-*``, RFC 3339 times);
``retry-after`` as in RFC 9110, in seconds or as a date. What cannot be read is taken as not said.
"""

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kernel.scheduler.admission import Heard

# A header that asks for more is a mistake or a day's limit; either is asked again tomorrow.
LONGEST_SECONDS = 86_400.0

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?\Z")
_UNITS = (86_400.0, 3600.0, 60.0, 1.0, 0.001)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds the provider asks to wait; None if it does not say."""
    if "retry-after-ms" in headers:
        milliseconds = _number(headers["retry-after-ms"])
        return None if milliseconds is None else milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is None and text:
        with contextlib.suppress(ValueError, TypeError):
            return max((_aware(parsedate_to_datetime(text)) - now).total_seconds(), 0.0)
    return seconds


def heard(headers: Mapping[str, str], now: datetime) -> Heard | None:
    """What the provider said it still takes, and until when; None if it said nothing of it."""
    requests, requests_for = _left(headers, "requests", now)
    tokens, tokens_for = _left(headers, "tokens", now)
    if requests is None and tokens is None:
        return None
    return Heard(0.0, requests, requests_for, tokens, tokens_for)


def _left(headers: Mapping[str, str], kind: str, now: datetime) -> tuple[int | None, float]:
    for left, reset in (
        (f"x-ratelimit-remaining-{kind}", f"x-ratelimit-reset-{kind}"),
        (f"anthropic-ratelimit-{kind}-remaining", f"anthropic-ratelimit-{kind}-reset"),
    ):
        amount, seconds = _number(headers.get(left, "")), _until(headers.get(reset, ""), now)
        if amount is not None and seconds is not None:
            return int(amount), min(seconds, LONGEST_SECONDS)
    return None, 0.0


def _until(text: str, now: datetime) -> float | None:
    """Seconds from a number, a duration or a time."""
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    if duration := _DURATION.match(text):
        return sum(float(part) * unit for part, unit in zip(duration.groups(), _UNITS, strict=True) if part)
    with contextlib.suppress(ValueError):
        return max((_aware(datetime.fromisoformat(text)) - now).total_seconds(), 0.0)
    return None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text.strip()) else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
