"""Typed output: asking for JSON that fits a schema, reading it, and saying what is wrong with it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import BaseModel, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from kernel.llm.messages import Message

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
LONGEST_QUOTE = 4000
MOST_COMPLAINTS = 8
# Without any retrieval: a schema's reference must not make the server fetch an address.
_NOTHING_ELSE: Registry[Any] = Registry()


class DoesNotFit(ValueError):
    """The text is not what was asked for; the message is written for the model."""


@dataclass(frozen=True)
class Form:
    """The form of an answer: a JSON schema, and the pydantic model it came from, if it came from one."""

    name: str
    schema: Mapping[str, Any]
    model: type[BaseModel] | None = None

    @classmethod
    def of(cls, schema: "type[BaseModel] | Mapping[str, Any]") -> "Form":
        """The form that ``schema`` describes: a pydantic model, or a JSON schema of an object. Raises ValueError otherwise."""
        if isinstance(schema, type):
            return cls(schema.__name__, schema.model_json_schema(), schema)
        try:
            Draft202012Validator.check_schema(dict(schema))
        except SchemaError as error:
            raise ValueError(f"The wanted form is no JSON schema: {error.message}") from error
        if schema.get("type") != "object":
            raise ValueError('The wanted form must be of an object: {"type": "object", …}.')
        _refuse_foreign_references(dict(schema))
        return cls(re.sub(r"[^a-zA-Z0-9_-]", "_", str(schema.get("title") or "answer"))[:64], dict(schema))

    def parsed(self, text: str) -> Any:
        """``text`` as an instance of the model, or as a dict where there is only a schema. Raises DoesNotFit.

        Takes JSON alone, in a code fence, or after a sentence; nothing is ever guessed or filled in.
        """
        found = _json_object(text)
        if self.model is not None:
            try:
                return self.model.model_validate_json(found)
            except ValidationError as error:
                raise DoesNotFit(_complaints(error)) from error
        content = json.loads(found)
        faults = Draft202012Validator(self.schema, registry=_NOTHING_ELSE).iter_errors(content)
        said = [f"{fault.json_path.removeprefix('$.')}: {fault.message[:200]}" for fault in islice(faults, MOST_COMPLAINTS)]
        if said:
            raise DoesNotFit("; ".join(said) + ".")
        return content


def with_schema(messages: list[Message], form: Form) -> list[Message]:
    """The conversation, begun with the order to answer in JSON only. The schema stands there for every kind of provider."""
    wanted = json.dumps(form.schema, separators=(",", ":"))
    order = f"Answer with exactly one JSON object that fits this JSON schema, and nothing else:\n{wanted}"
    return [Message(role="system", content=order), *messages]


def with_complaint(messages: list[Message], answer: str, complaint: str) -> list[Message]:
    """The conversation continued by the model's answer and what is wrong with it."""
    return [
        *messages,
        Message(role="assistant", content=answer[:LONGEST_QUOTE] or "(nothing)"),
        Message(role="user", content=f"That does not fit. {complaint} Answer again with the JSON object only."),
    ]


def response_format(form: Form, mode: str) -> dict[str, Any] | None:
    """What a provider is told about the wanted form, as far as it understands it (``json_schema``, ``json_object``, ``text``)."""
    if mode == "json_schema":
        return {"type": "json_schema", "json_schema": {"name": form.name, "schema": form.schema}}
    return {"type": "json_object"} if mode == "json_object" else None


def _refuse_foreign_references(schema: dict[str, Any]) -> None:
    resolver = _NOTHING_ELSE.with_resource("", DRAFT202012.create_resource(schema)).resolver()
    for reference in _references(schema):
        try:
            resolver.lookup(reference)
        except Unresolvable as error:
            raise ValueError(f"The wanted form refers to {reference!r}, which does not stand in it.") from error


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        yield from (str(value) for name, value in part.items() if name in {"$ref", "$dynamicRef"})
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _references(one)


def _json_object(text: str) -> str:
    fenced = _FENCE.match(text)
    candidate = (fenced[1] if fenced else text).strip()
    start = candidate.find("{")
    if start < 0:
        raise DoesNotFit("There is no JSON object in the answer.")
    try:
        _, length = json.JSONDecoder().raw_decode(candidate[start:])
    except json.JSONDecodeError as error:
        raise DoesNotFit(f"The JSON is malformed: {error.msg} at character {error.pos}.") from error
    return candidate[start : start + length]


def _complaints(error: ValidationError) -> str:
    faults = (f"{'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}" for fault in error.errors()[:MOST_COMPLAINTS])
    return "; ".join(faults) + "."
