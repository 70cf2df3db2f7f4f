"""Sorting what litellm and the libraries below it raise into the gateway's own errors."""

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kernel.llm.errors import (
    AnswerUnreadable,
    ModelError,
    ModelRefused,
    ModelTimedOut,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
    StreamCut,
)
from kernel.llm.ratelimits import retry_after

# Names and not classes, because naming the classes would import litellm.
_REFUSED = {"ContentPolicyViolationError"}
_UNREADABLE = {
    "APIResponseValidationError",
    "JSONDecodeError",
    "ValidationError",
    "AttributeError",
    "TypeError",
    "IndexError",
    "KeyError",
}
_TIMED_OUT = {"Timeout", "APITimeoutError", "ReadTimeout", "TimeoutException"}
_UNREACHABLE = {"APIConnectionError", "ConnectError", "ConnectTimeout", "ConnectionError", "ConnectionRefusedError"}


def as_model_error(error: Exception, deployment: str, api_key: str = "", *, begun: bool = False) -> ModelError:
    """The gateway's error for ``error``. ``begun`` tells that part of an answer had come already.

    The provider's words are shortened and the key is taken out of them: providers quote it back.
    """
    names = {kind.__name__ for kind in type(error).__mro__} | _cause_names(error)
    status = _status(error)
    said = _said(error, api_key)
    if names & _REFUSED:
        return ModelRefused(f"The provider of {deployment} filtered the answer.")
    if names & _TIMED_OUT or status == 408:
        return ModelTimedOut(f"{deployment} did not answer in time. Try again, or raise its time-out.")
    if begun:
        return StreamCut(f"{deployment} ended its answer in the middle. Try again.")
    return _by_status(status, names, deployment, said, _retry_after(error))


def status_error(status: int, said: str, headers: Mapping[str, str], deployment: str, api_key: str) -> ModelError:
    """The gateway's error for a reply with ``status`` other than 200, and what the server said with it."""
    words = _words(said, api_key)
    if status == 408:
        return ModelTimedOut(f"{deployment} did not answer in time. Try again, or raise its time-out.")
    if "content_policy" in words or "content_filter" in words:
        return ModelRefused(f"The provider of {deployment} filtered the answer.")
    return _by_status(status, set(), deployment, words, retry_after(headers, datetime.now(UTC)))


def stream_error(said: str, deployment: str, api_key: str) -> ModelError:
    """The gateway's error for one that a server reports in the middle of its answer (TGI, vLLM)."""
    return StreamCut(f"{deployment} ended its answer in the middle. {_words(said, api_key)}")


def _by_status(status: int, names: set[str], deployment: str, said: str, retry_after: float | None) -> ModelError:
    if status == 429:
        return RateLimited(f"{deployment} has had enough requests for now. {said}", retry_seconds=retry_after)
    if names & _UNREADABLE:
        return AnswerUnreadable(f"What {deployment} sent does not follow the protocol.")
    if 400 <= status < 500:
        return RequestRejected(f"{deployment} does not accept the call ({status}). {said} Check its model and key in the admin.")
    if names & _UNREACHABLE:
        return ProviderUnreachable(f"{deployment} cannot be reached. Is its address right, and is it running?")
    return ProviderFailed(f"{deployment} failed on its side ({status or 'no status'}). {said}", retry_seconds=retry_after)


def _cause_names(error: BaseException) -> set[str]:
    """Names of what ``error`` was raised from: litellm wraps nearly everything in its own errors."""
    names: set[str] = set()
    cause = error.__cause__ or error.__context__
    for _ in range(6):
        if cause is None:
            break
        names |= {type(cause).__name__}
        cause = cause.__cause__ or cause.__context__
    return names


def _status(error: Exception) -> int:
    with contextlib.suppress(TypeError, ValueError):
        return int(getattr(error, "status_code", 0) or 0)
    return 0


def _retry_after(error: Exception) -> float | None:
    # litellm keeps the provider's headers under its own name and puts an empty response in the place of the real one.
    headers: Any = getattr(error, "litellm_response_headers", None)
    if not isinstance(headers, Mapping):
        return None
    return retry_after({str(name).lower(): str(value) for name, value in headers.items()}, datetime.now(UTC))


def _said(error: Exception, api_key: str) -> str:
    return _words(str(getattr(error, "message", "") or error), api_key)


def _words(said: str, api_key: str) -> str:
    """What a provider said, in one short line and without the key."""
    text = " ".join(said.split())
    if api_key:
        text = text.replace(api_key, "[key]").replace(json.dumps(api_key)[1:-1], "[key]")
    return text[:200]
