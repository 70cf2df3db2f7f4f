"""Proposed mends: small structured changes that a person can apply with one click, or fill in first."""

import copy
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class MendError(ValueError):
    """A mend that does not fit the case any more; the message says what changed."""


class Mend(BaseModel):
    """Change `path` from `before` to `after`. Where only a person can know the new value, `needs` says what to fill in.

    Paths are those of a CaseUnderReview dumped to JSON: `/narrative/summary`, `/document/rows/A4/values`; an entry of a list
    is named by its `key`, `part` or index.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: Literal["replace", "add", "remove"]
    path: str
    before: Any = None
    after: Any = None
    reason: str
    needs: str = ""

    @property
    def applicable(self) -> bool:
        """Whether it can be applied as it stands."""
        return not self.needs


def apply_mend(case: Mapping[str, Any], mend: Mend) -> dict[str, Any]:
    """A changed copy of a dumped case. Raises MendError where the value is no longer the one that the mend was made for."""
    if mend.needs:
        raise MendError(f"{mend.path}: fill in first: {mend.needs}")
    changed = copy.deepcopy(dict(case))
    parts = mend.path.strip("/").split("/")
    parent: Any = changed
    for part in parts[:-1]:
        parent = _child(parent, part, mend.path)
    current = _child(parent, parts[-1], mend.path, missing=mend.operation == "add")
    if mend.operation != "add" and current != mend.before:
        raise MendError(f"{mend.path}: the value has changed since the review; review the case again")
    _set(parent, parts[-1], mend)
    return changed


def _child(parent: Any, part: str, path: str, *, missing: bool = False) -> Any:
    try:
        return parent[_index(parent, part)]
    except (KeyError, IndexError, TypeError) as error:
        if missing:
            return None
        raise MendError(f"{path}: the case has no {part!r} there; review the case again") from error


def _index(parent: Any, part: str) -> Any:
    if not isinstance(parent, list):
        return part
    for index, item in enumerate(parent):
        if isinstance(item, Mapping) and part in (item.get("key"), item.get("part")):
            return index
    return int(part) if part.isdigit() else len(parent)


def _set(parent: Any, part: str, mend: Mend) -> None:
    if mend.operation == "remove":
        del parent[_index(parent, part)]
    elif isinstance(parent, list) and mend.operation == "add":
        parent.append(mend.after)
    else:
        parent[_index(parent, part)] = mend.after
