"""Packs out of YAML text, with errors that name the line or the field."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import yaml
from pydantic import ValidationError

from valuefabric.domain.packs.schema import Pack

_LARGEST_PACK = 500_000
_DEEPEST = 30


class PackError(ValueError):
    """A pack file that cannot be used; the message names the line or the field."""


class _PackYaml(yaml.SafeLoader):
    """Safe YAML without aliases (they can expand without bound), without doubled keys, with decimals instead of floats."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        if self.check_event(yaml.AliasEvent):
            raise PackError(f"line {line}: aliases are not allowed; write the value out")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise PackError(f"line {line}: nested deeper than {_DEEPEST} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise PackError(f"line {key_node.start_mark.line + 1}: the key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _decimal(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(str(node.value).replace("_", ""))
    except InvalidOperation as error:
        raise PackError(f"line {node.start_mark.line + 1}: {node.value} is not a decimal number") from error


_PackYaml.add_constructor("tag:yaml.org,2002:float", _decimal)


@lru_cache(maxsize=32)
def load_pack(text: str) -> Pack:
    """Read and check a pack. Raises PackError naming the line (YAML) or the field (content).

    A pack is frozen and takes a tenth of a second to read, so the last few are kept; nobody changes what is in one.
    """
    if len(text) > _LARGEST_PACK:
        raise PackError(f"The pack has more than {_LARGEST_PACK} characters. Split it into two packs.")
    try:
        # _PackYaml is a SafeLoader: it makes plain values only.
        data = yaml.load(text, Loader=_PackYaml)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise PackError(f"{line}this is not YAML ({getattr(error, 'problem', error)}). Correct the line.") from error
    if not isinstance(data, dict):
        raise PackError("line 1: a pack is a mapping that starts with `format: vos.pack/1`")
    try:
        return Pack.model_validate(data)
    except ValidationError as error:
        raise PackError("; ".join(_problem(detail) for detail in error.errors()[:5])) from error


def _problem(detail: Any) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "pack"
    return f"{where}: {detail['msg'].removeprefix('Value error, ')}"
