"""Writing a document back: as a file for people, and as canonical bytes for its hash."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import yaml

from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.yaml_events import plain_value


class _Dumper(yaml.SafeDumper):
    """Decimals as plain digits, lists of figures in one line, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = f"{value:f}"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.SequenceNode:
    short = all(isinstance(value, Decimal | str) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """In double quotes, which escape everything, where our reader would take it for something else (PyYAML leaves 08 bare), or
    where it has control characters or the line breaks of Unicode, which other styles fold."""
    bare = plain_value(value) == value and all(character.isprintable() or character in "\n " for character in value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if bare else '"')


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _decimal)
_Dumper.add_representer(list, _list)


def dump_model(document: ModelDocument) -> str:
    """``document`` as a YAML model file; ``load_model`` reads the same document back."""
    plain = _plain(document.model_dump(exclude_defaults=True))
    plain["conventions"] = _plain(document.conventions.model_dump())  # written out: nobody should have to know the defaults
    for name in ("drivers", "rows"):
        if name in plain:
            plain[name] = {entry.pop("key"): entry for entry in plain[name]}
    head = {"format": document.format}
    text: str = yaml.dump(head | plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def content_hash(document: ModelDocument) -> str:
    """``sha256:...`` over the canonical JSON of the whole document: keys sorted, no spaces, decimals as their digits."""
    data = document.model_dump(mode="json")
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
