"""Typed output: asking for JSON that fits a schema, reading it, and saying what is wrong with it."""

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from kernel.llm.messages import Message

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
LONGEST_QUOTE = 4000


class DoesNotFit(ValueError):
    """The text is not what was asked for; the message is written for the model."""


def parsed_output[T: BaseModel](text: str, schema: type[T]) -> T:
    """``text`` as ``schema``. Takes JSON alone, in a code fence, or after a sentence; nothing is ever guessed or filled in."""
    fenced = _FENCE.match(text)
    candidate = (fenced[1] if fenced else text).strip()
    start = candidate.find("{")
    if start < 0:
        raise DoesNotFit("There is no JSON object in the answer.")
    try:
        _, length = json.JSONDecoder().raw_decode(candidate[start:])
        return schema.model_validate_json(candidate[start : start + length])
    except json.JSONDecodeError as error:
        raise DoesNotFit(f"The JSON is malformed: {error.msg} at character {error.pos}.") from error
    except ValidationError as error:
        raise DoesNotFit(_complaints(error)) from error


def with_schema(messages: list[Message], schema: type[BaseModel]) -> list[Message]:
    """The conversation, begun with the order to answer in JSON only. The schema stands there for every kind of provider."""
    wanted = json.dumps(schema.model_json_schema(), separators=(",", ":"))
    order = f"Answer with exactly one JSON object that fits this JSON schema, and nothing else:\n{wanted}"
    return [Message(role="system", content=order), *messages]


def with_complaint(messages: list[Message], answer: str, complaint: str) -> list[Message]:
    """The conversation continued by the model's answer and what is wrong with it."""
    return [
        *messages,
        Message(role="assistant", content=answer[:LONGEST_QUOTE] or "(nothing)"),
        Message(role="user", content=f"That does not fit. {complaint} Answer again with the JSON object only."),
    ]


def response_format(schema: type[BaseModel], mode: str) -> dict[str, Any] | None:
    """What a provider is told about the wanted form, as far as it understands it (``json_schema``, ``json_object``, ``text``)."""
    if mode == "json_schema":
        return {"type": "json_schema", "json_schema": {"name": schema.__name__, "schema": schema.model_json_schema()}}
    return {"type": "json_object"} if mode == "json_object" else None


def _complaints(error: ValidationError) -> str:
    faults = (f"{'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}" for fault in error.errors()[:8])
    return "; ".join(faults) + "."
