"""The port to providers: one call, as plain data in and out. What stands behind it can be replaced.

Servers of one's own that speak OpenAI's protocol (``openai/<name>`` with an ``api_base``: vLLM, Ollama, TGI, llama.cpp, a proxy)
are spoken to directly (``openai_client``). Everybody else goes through litellm (``litellm_client``), which knows each provider's
ways and takes seconds and 180 MB to import: the first call that needs it pays for that, and web processes never do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.llm.errors import ModelRefused, OutputTruncated, RequestRejected, StreamCut
from kernel.llm.messages import Message, TokenCounts
from kernel.scheduler.admission import Heard

DIRECT_PROTOCOL = "openai/"

# Where an answer was filtered, and where it ran into its bound. Every other reason (stop, eos_token, stop_sequence) is an end.
_FILTERED = {"content_filter"}
_BOUNDED = {"length", "max_tokens"}
# vLLM says so when its client or its operator ended the answer.
_CUT = {None, "", "abort"}


@dataclass(frozen=True)
class ProviderCall:
    """Everything a provider needs. The key never shows in a representation of it.

    ``extra`` are fields that a server knows beyond the protocol. ``check`` is asked while the provider is silent, where its
    client can (about twice a second); what it raises ends the call.
    """

    deployment: str
    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    timeout_seconds: float
    api_base: str = ""
    api_key: str = field(default="", repr=False)
    temperature: float = 0.0
    response_format: dict[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[], None] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ProviderAnswer:
    """A whole answer. ``usage`` is None when the provider did not count, ``heard`` when it said nothing of its limits."""

    text: str
    usage: TokenCounts | None
    heard: Heard | None = None


def provider_answer(call: ProviderCall, on_text: Callable[[str], None] | None = None) -> ProviderAnswer:
    """Call the model; with ``on_text`` the answer is streamed and each piece given to it as it comes.

    Raises the errors of ``kernel.llm.errors``. Whatever ``on_text`` or ``call.check`` raises ends the call and comes through as
    it is.
    """
    if is_direct(call):
        from kernel.llm import openai_client  # both clients know this module's data

        return openai_client.answer(call, on_text)
    from kernel.llm import litellm_client  # as above

    return litellm_client.answer(call, on_text)


def is_direct(call: ProviderCall) -> bool:
    """Whether the protocol is spoken without litellm: a server of one's own, and no proxy of the environment in between."""
    from kernel.llm.connections import goes_through_proxy  # as above

    try:
        return call.model.startswith(DIRECT_PROTOCOL) and bool(call.api_base) and not goes_through_proxy(call.api_base)
    except ValueError as error:
        raise RequestRejected(f"The address of {call.deployment} cannot be used. {error} Change it in the admin.") from None


def check_end(finish: str | None, refusal: str, answer: ProviderAnswer, call: ProviderCall) -> None:
    """Refuse an answer that is none: declined, filtered, cut off, or too long for its bound."""
    if refusal or finish in _FILTERED:
        raise ModelRefused(f"The model of {call.deployment} declined to answer. Ask in other words, or use another model.")
    if finish in _CUT:
        raise StreamCut(f"{call.deployment} ended its answer in the middle, after {len(answer.text)} characters.")
    if finish in _BOUNDED:
        raise OutputTruncated(
            f"The answer of {call.deployment} did not fit into {call.max_output_tokens} tokens. Allow more, or ask for less."
        )
