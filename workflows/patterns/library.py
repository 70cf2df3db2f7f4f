"""The patterns that come with the product: ``workflows/patterns/*.yaml``, read once."""

from functools import cache
from importlib.resources import files

import yaml

from workflows.patterns.document import Pattern


class UnknownPattern(LookupError):
    """No pattern of this name is there; the message lists those that are."""


@cache
def patterns() -> dict[str, Pattern]:
    """All patterns by name."""
    texts = (file.read_text(encoding="utf-8") for file in files("workflows.patterns").iterdir() if file.name.endswith(".yaml"))
    found = [Pattern.model_validate(yaml.safe_load(text)) for text in texts]
    return {pattern.name: pattern for pattern in sorted(found, key=lambda pattern: pattern.name)}


def pattern_named(name: str) -> Pattern:
    """The pattern of this name. Raises UnknownPattern."""
    if name not in patterns():
        raise UnknownPattern(f"There is no pattern {name!r}. There are: {', '.join(patterns())}.")
    return patterns()[name]
