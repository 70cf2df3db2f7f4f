"""What can be done, by name: which agent, function, tool, approval or workflow does it, what it takes, gives and needs."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field

from workflows.definition.constraints import Constraints
from workflows.definition.parts import DottedName, Key, Part
from workflows.definition.values import ValueSpec


class CapabilityEntry(Part):
    """One capability. ``step`` is the step that does it, in which ``${takes.<name>}`` stands for what is found for that name.

    ``needs`` are the rights, tokens, sensitivity and audience without which it cannot work.
    """

    title: str = Field(max_length=120)
    step: dict[str, Any]
    takes: Mapping[Key, ValueSpec] = {}
    gives: Mapping[Key, ValueSpec] = {}
    needs: Constraints = Constraints()


class _Catalog(Part):
    capabilities: Mapping[DottedName, CapabilityEntry]


class UnknownCapability(LookupError):
    """No capability of this name is there; the message lists those that are."""


@cache
def capabilities() -> Mapping[str, CapabilityEntry]:
    """All capabilities by name, from ``capabilities.yaml``."""
    text = files("workflows.composition").joinpath("capabilities.yaml").read_text(encoding="utf-8")
    return _Catalog.model_validate(yaml.safe_load(text)).capabilities


def capability_named(name: str) -> CapabilityEntry:
    """The capability of this name. Raises UnknownCapability."""
    if name not in capabilities():
        raise UnknownCapability(f"There is no capability {name!r}. There are: {', '.join(capabilities())}.")
    return capabilities()[name]
