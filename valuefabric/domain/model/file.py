"""Model files: YAML or JSON text in, a checked document out, and back."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.model.compiled import check_formulas
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.file_error import ModelFileError
from valuefabric.domain.model.yaml_events import YamlData, read_yaml

MAX_FILE = 256_000  # characters
_JSON_DEPTH = 64
_NAMED_ROW = re.compile(r"row (?P<row>\w+)(?:, (?P<place>period \w+))?: ")


def load_model(text: str) -> ModelDocument:
    """The document in ``text`` (YAML, or JSON when it starts with a brace), its formulas checked.

    Raises ModelFileError, which names line and row.
    """
    if len(text) > MAX_FILE:
        raise ModelFileError(f"the file has {len(text):,} characters; a model file has at most {MAX_FILE:,}")
    read = _read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else read_yaml(text)
    if not isinstance(read.data, dict):
        raise ModelFileError("a model file is a mapping that starts with 'format: vos.model/1'", line=1)
    _check_format(read)
    try:
        document = ModelDocument.model_validate(read.data)
        check_formulas(document)
    except ValidationError as error:
        raise _located(error, read) from error
    except FormulaError as error:
        where = f"formula, position {error.position}" if error.position else "formula"
        line = _line_of(read, ("rows", error.row, "formula"))
        raise ModelFileError(error.message, line=line, row=error.row, place=where) from error
    return document


def _check_format(read: YamlData) -> None:
    if read.data.get("format") != "vos.model/1":
        line = read.lines.get(("format",), 1)
        raise ModelFileError("the first entry must be 'format: vos.model/1', the only format there is so far", line=line)


def _read_json(text: str) -> YamlData:
    if _deepest(text) > _JSON_DEPTH:
        raise ModelFileError(f"more than {_JSON_DEPTH} brackets inside each other")
    try:
        data = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        raise ModelFileError(f"this is not JSON: {error.msg}", line=error.lineno) from error
    return YamlData(data)


def _deepest(text: str) -> int:
    """An upper bound of the nesting (brackets in texts count too), known before the recursive reader starts."""
    depth = deepest = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> Any:
    raise ModelFileError(f"{constant} is not a figure")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ModelFileError(f"the key '{key}' stands in one object twice")
        found[key] = value
    return found


def _located(error: ValidationError, read: YamlData) -> ModelFileError:
    """The first problem that pydantic found, told with its line, its row and a hint."""
    problem = error.errors(include_url=False)[0]
    path = tuple(part for part in problem["loc"] if isinstance(part, str | int))
    row = _row_of(path, read.data)
    message = _message(problem, path)
    if named := _NAMED_ROW.match(message):  # found by a check over the whole document, which names its row in words
        row, message = named["row"], message[named.end() :]
        path = ("rows", row)
        return ModelFileError(message, line=_line_of(read, path), row=row, place=named["place"] or "")
    place = ".".join(str(part) for part in (path[2:] if row else path))
    return ModelFileError(message, line=_line_of(read, path), row=row, place=place)


def _message(problem: Any, path: tuple[str | int, ...]) -> str:
    if problem["type"] == "extra_forbidden":
        known = list(Row.model_fields if path[0] == "rows" else ModelDocument.model_fields)
        return f"'{path[-1]}' is not an entry of a model file here{did_you_mean(str(path[-1]), known)}"
    if problem["type"] == "missing":
        return f"'{path[-1]}' is missing"
    return str(problem["msg"]).removeprefix("Value error, ")


def _row_of(path: tuple[str | int, ...], data: Any) -> str:
    if len(path) < 2 or path[0] != "rows" or not isinstance(path[1], int):
        return ""
    rows = data["rows"]
    keys = list(rows) if isinstance(rows, Mapping) else [row.get("key", "") if isinstance(row, dict) else "" for row in rows]
    return str(keys[path[1]]) if path[1] < len(keys) else ""


def _line_of(read: YamlData, path: tuple[str | int, ...]) -> int:
    """The line of the deepest part of ``path`` that stands in the file; entries may be keyed or listed there."""
    best = 0
    for length in range(1, len(path) + 1):
        line = read.lines.get(_as_written(read.data, path[:length]))
        best = line or best
    return best


def _as_written(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """``path`` with the second step as the file has it: a key where it has a mapping, a number where it has a list."""
    if len(path) < 2:
        return path
    container = data.get(path[0]) if isinstance(data, dict) else None
    step = path[1]
    if isinstance(container, dict) and isinstance(step, int):
        step = list(container)[step] if step < len(container) else step
    elif isinstance(container, list) and isinstance(step, str):
        keys = [entry.get("key") if isinstance(entry, dict) else None for entry in container]
        step = keys.index(step) if step in keys else step
    return (path[0], step, *path[2:])
