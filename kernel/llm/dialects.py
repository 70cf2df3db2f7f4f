"""Reading what servers that speak OpenAI's protocol answer, with the differences between them. Pure.

OpenAI: https://platform.openai.com/docs/api-reference/chat · vLLM: https://docs.vllm.ai/en/latest/serving/openai_compatible_server
· Ollama: https://docs.ollama.com/api/openai-compatibility · TGI: https://huggingface.co/docs/text-generation-inference (Messages
API). Each differs in how errors look, in which word ends an answer, and in whether it counts.
"""

from collections.abc import Mapping
from typing import Any

from kernel.llm.messages import TokenCounts


def text_in(message: Mapping[str, Any]) -> str:
    """The text of a message or delta. Thoughts that vLLM gives apart (``reasoning_content``) are not part of the answer."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content if part.get("type") == "text")


def refusal_in(message: Mapping[str, Any]) -> str:
    """What the model said instead of an answer; empty where it answered."""
    return str(message.get("refusal") or "")


def finish_in(choice: Mapping[str, Any]) -> str | None:
    """Why the answer ended; None while it goes on."""
    return choice.get("finish_reason") or None


def counts_in(reply: Mapping[str, Any]) -> TokenCounts | None:
    """The tokens as counted; None where the server did not (TGI sends zeros in streams of older versions)."""
    usage = reply.get("usage") or {}
    prompt, completion = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    if not prompt + completion:
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
    return TokenCounts(int(prompt), int(completion), int(cached), int(reasoning))


def error_in(reply: Any) -> str:
    """What went wrong, in the server's words: OpenAI's object, Ollama's and TGI's string, vLLM's older flat form."""
    if not isinstance(reply, Mapping):
        return ""
    error = reply.get("error")
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("type") or "error")
    if error:
        return str(error)
    return str(reply.get("message") or "error") if reply.get("object") == "error" else ""
