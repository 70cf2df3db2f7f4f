"""The documents in a file: one object of JSON, a list of them, or a page in Markdown with JSON between fences."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from valuefabric.domain.evidence.json_scanner import JsonScanner
from valuefabric.domain.evidence.limits import DEFAULT_LIMITS
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.value_models.schema import VERSION, BenchmarkClaims, CustomerVariables, ValueModel

_FENCED = re.compile(r"^```json[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """The documents of a file. ``path`` is where the value model stands, as in ``$`` or ``$[1]``."""

    model: ValueModel
    customer: CustomerVariables | None
    claims: BenchmarkClaims | None
    paths: Mapping[str, str]


def looks_like_value_model(text: str) -> bool:
    """Whether a text has the entries that make a ValueModel, as JSON or on a page."""
    return '"value_drivers"' in text and '"variables"' in text and ("{" in text.lstrip()[:2] or bool(_FENCED.search(text)))


def documents_in(text: str) -> Found:
    """The documents in ``text``. Raises EvidenceError for broken JSON, ImportRefused for what the standard does not know."""
    found: dict[str, tuple[str, Any]] = {}
    for path, data in _objects(text):
        kind = _kind(data)
        if kind and kind in found:
            raise ImportRefused(f"the file holds two documents of the kind {kind}; give one", place=path)
        if kind:
            found[kind] = (path, data)
    if "ValueModel" not in found:
        raise ImportRefused("the file holds no ValueModel (an object with variables and value_drivers)")
    version = found["ValueModel"][1].get("schema_version", "")
    if version not in ("", VERSION):
        raise ImportRefused(f"schema_version is {version!r}; {VERSION} is read", place=f"{found['ValueModel'][0]}.schema_version")
    return Found(
        _checked(ValueModel, *found["ValueModel"]),
        _checked(CustomerVariables, *found["CustomerVariables"]) if "CustomerVariables" in found else None,
        _checked(BenchmarkClaims, *found["BenchmarkClaims"]) if "BenchmarkClaims" in found else None,
        {kind: path for kind, (path, _) in found.items()},
    )


def _objects(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    fenced = [] if text.lstrip()[:1] in ("{", "[") else _FENCED.findall(text)
    for number, block in enumerate(fenced or [text], 1):
        data = JsonScanner(block.strip(), DEFAULT_LIMITS).scan()
        where = f"JSON {number}: $" if len(fenced) > 1 else "$"
        if isinstance(data, dict):
            yield where, data
        elif isinstance(data, list):
            yield from ((f"{where}[{index}]", one) for index, one in enumerate(data[:10]) if isinstance(one, dict))


def _kind(data: Mapping[str, Any]) -> str:
    if "claims" in data:
        return "BenchmarkClaims"
    if "value_drivers" not in data or "variables" not in data:
        return ""
    return "CustomerVariables" if "customer" in data else "ValueModel"


def _checked[Document: BaseModel](schema: type[Document], path: str, data: Mapping[str, Any]) -> Document:
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"])
        why = f"this is no {schema.__name__} of the standard: {problem['msg']}"
        raise ImportRefused(why, place=f"{path}{where}", advice=f"docs/imports.md names the version, {VERSION}.") from error
