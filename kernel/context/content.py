"""What a snapshot holds, as plain data with a hash, and how two of them differ. No Django here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class SnapshotUnserializable(TypeError):
    """Something in the context is no JSON, so another worker could not read it back."""


@dataclass(frozen=True)
class Context:
    """A run's context: the conversation, the answer that was cut off, where the run stood, and what its tools remember."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    partial_output: str = ""
    position: dict[str, Any] = field(default_factory=dict)
    tool_state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What changed from one snapshot to a later one. ``position`` and ``tool_state`` map a key to (before, after)."""

    messages_kept: int
    messages_removed: list[dict[str, Any]]
    messages_added: list[dict[str, Any]]
    output_kept: int
    output_removed: str
    output_added: str
    position: dict[str, tuple[Any, Any]]
    tool_state: dict[str, tuple[Any, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether both hold the same."""
        changes = (self.messages_removed, self.messages_added, self.output_removed, self.output_added)
        return not any((*changes, self.position, self.tool_state))


def context_bytes(context: Context) -> bytes:
    """The canonical JSON of a context: sorted keys, no blanks. Raises SnapshotUnserializable."""
    try:
        text = json.dumps(vars(context), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SnapshotUnserializable(f"A context snapshot holds JSON only: {error}. Put plain values into it.") from error
    # Half of a pair of surrogates, as a cut stream may leave it, is text to Python and not to Postgres.
    return text.encode("utf-8", "replace")


def context_read(content: bytes) -> Context:
    """The context that ``context_bytes`` wrote."""
    return Context(**json.loads(content))


def content_hash(content: bytes) -> str:
    """How a content is told from another one; in the form of kernel.storage's addresses."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def difference(before: Context, after: Context) -> Difference:
    """What changed between two contexts of one run."""
    messages = _common(before.messages, after.messages)
    output = _common(before.partial_output, after.partial_output)
    return Difference(
        messages_kept=messages,
        messages_removed=before.messages[messages:],
        messages_added=after.messages[messages:],
        output_kept=output,
        output_removed=before.partial_output[output:],
        output_added=after.partial_output[output:],
        position=_changes(before.position, after.position),
        tool_state=_changes(before.tool_state, after.tool_state),
    )


def _common(before: Sequence[Any], after: Sequence[Any]) -> int:
    pairs = zip(before, after, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    keys = sorted({*before, *after})
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
