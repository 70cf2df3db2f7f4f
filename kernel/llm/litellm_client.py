"""Providers behind litellm: it knows each one's ways. Imported nowhere else, and only by the first call that needs it."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from kernel.llm.errors import ModelTimedOut
from kernel.llm.faults import as_model_error
from kernel.llm.messages import TokenCounts
from kernel.llm.patience import patient, patiently
from kernel.llm.provider import ProviderAnswer, ProviderCall, check_end
from kernel.llm.ratelimits import heard
from kernel.scheduler.admission import Heard

_import_lock = threading.Lock()


def answer(call: ProviderCall, on_text: Callable[[str], None] | None = None) -> ProviderAnswer:
    """As ``kernel.llm.provider.provider_answer``."""
    litellm = _litellm()
    began = time.monotonic()
    try:
        reply = patient(lambda: litellm.completion(**_arguments(call, stream=on_text is not None)), _checked(call))
    except _Ended as ended:
        raise ended.why from None
    except Exception as error:  # noqa: BLE001 - as above
        raise as_model_error(error, call.deployment, call.api_key) from None
    if on_text is None:
        return _whole(reply, call)
    try:
        return _streamed(reply, call, on_text, deadline=began + call.timeout_seconds)
    finally:
        _hang_up(reply)


def _arguments(call: ProviderCall, *, stream: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": call.model,
        "messages": list(call.messages),
        "max_tokens": call.max_output_tokens,
        "temperature": call.temperature,
        "timeout": call.timeout_seconds,
        # Retries are the gateway's, with budget and slot; one hidden below would be neither counted nor paced.
        "num_retries": 0,
        "max_retries": 0,
        "drop_params": True,
        # A server of one's own needs no key, but the client library insists on one.
        "api_key": call.api_key or "none",
    }
    if call.api_base:
        arguments["api_base"] = call.api_base
    if call.response_format:
        arguments["response_format"] = call.response_format
    if call.extra:
        arguments["extra_body"] = dict(call.extra)
    if stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    return arguments


def _whole(reply: Any, call: ProviderCall) -> ProviderAnswer:
    try:
        choice = reply.choices[0]
        text, finish, refusal = choice.message.content or "", choice.finish_reason, _refusal(choice.message)
    except (AttributeError, IndexError, TypeError) as error:
        raise as_model_error(error, call.deployment, call.api_key) from None
    whole = ProviderAnswer(text, _counts(getattr(reply, "usage", None)), _heard(reply))
    check_end(finish, refusal, whole, call)
    return whole


def _streamed(reply: Any, call: ProviderCall, on_text: Callable[[str], None], *, deadline: float) -> ProviderAnswer:
    pieces: list[str] = []
    usage, refusal = None, ""
    for chunk in _chunks(reply, call):
        if time.monotonic() > deadline:
            raise ModelTimedOut(f"{call.deployment} did not finish its answer within {call.timeout_seconds:g} s.")
        usage = _counts(getattr(chunk, "usage", None)) or usage
        if not chunk.choices:
            continue
        refusal = refusal or _refusal(chunk.choices[0].delta)
        piece = chunk.choices[0].delta.content or ""
        if piece:
            pieces.append(piece)
            on_text(piece)
    whole = ProviderAnswer("".join(pieces), usage, _heard(reply))
    # litellm ends every stream with “stop”, also one that was cut; this is what the provider itself said.
    check_end(getattr(reply, "received_finish_reason", None), refusal, whole, call)
    return whole


def _chunks(reply: Any, call: ProviderCall) -> Iterator[Any]:
    chunks = patiently(lambda: reply, _checked(call))
    begun = False
    while True:
        try:
            chunk = next(chunks)
        except StopIteration:
            return
        except _Ended as ended:
            raise ended.why from None
        except Exception as error:  # noqa: BLE001 - as above
            raise as_model_error(error, call.deployment, call.api_key, begun=begun) from None
        begun = True
        yield chunk


class _Ended(BaseException):
    """Carries what ``check`` raised past everything that takes errors for the provider's."""

    def __init__(self, why: BaseException) -> None:
        super().__init__(why)
        self.why = why


def _checked(call: ProviderCall) -> Callable[[], None] | None:
    check = call.check
    if check is None:
        return None

    def ask() -> None:
        try:
            check()
        except Exception as why:
            raise _Ended(why) from why

    return ask


def _hang_up(reply: Any) -> None:
    """Close a stream's connection now: one left in the middle stays open, and the provider writing, until garbage collection."""
    with contextlib.suppress(Exception):
        reply.completion_stream.close()


def _refusal(message: Any) -> str:
    fields = getattr(message, "provider_specific_fields", None) or {}
    return str(getattr(message, "refusal", None) or fields.get("refusal") or "")


def _counts(usage: Any) -> TokenCounts | None:
    if usage is None or not getattr(usage, "total_tokens", 0):
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", 0)
    reasoning = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", 0)
    return TokenCounts(usage.prompt_tokens or 0, usage.completion_tokens or 0, cached or 0, reasoning or 0)


def _heard(reply: Any) -> Heard | None:
    # litellm keeps the headers of an answer under a private name; where it does not, the provider said nothing.
    headers = getattr(reply, "_response_headers", None) or {}
    try:
        return heard({str(name).lower(): str(value) for name, value in headers.items()}, datetime.now(UTC))
    except AttributeError:
        return None


def _litellm() -> Any:
    # Otherwise it fetches a price list from the network, and reads a .env file of the working folder.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    with _import_lock:
        import litellm  # lazily: see the module's docstring

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    return litellm
