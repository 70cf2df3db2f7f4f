"""The texts that definitions and patterns of the product were written as."""

from functools import cache
from importlib.resources import files


def workflow_text(name: str) -> str:
    """The YAML of a definition of the product; empty if there is none."""
    return _text("workflows.definitions", f"{name}.yaml")


def pattern_text(name: str) -> str:
    """The YAML of a pattern; empty if there is none."""
    return _text("workflows.patterns", f"{name}.yaml")


@cache
def _text(package: str, filename: str) -> str:
    # The names come from the library's own keys, which are letters, digits and underscores.
    file = files(package) / filename
    return file.read_text(encoding="utf-8") if file.is_file() else ""
