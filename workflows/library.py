"""The definitions that come with the product: ``workflows/definitions/*.yaml``, read once."""

from functools import cache
from importlib.resources import files

from workflows.definition import Definition, definition_read


class UnknownDefinition(LookupError):
    """No definition of this name is there; the message lists those that are."""


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by name. Raises DefinitionError for a file that cannot be used."""
    found: dict[str, Definition] = {}
    for file in sorted(files("workflows.definitions").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            definition = definition_read(file.read_text(encoding="utf-8"), filename=file.name)
            if definition.name in found:
                raise ValueError(f"Two definitions are named {definition.name!r}; {file.name} is the second.")
            found[definition.name] = definition
    return found


def definition_named(name: str) -> Definition:
    """The definition of this name. Raises UnknownDefinition."""
    if name not in definitions():
        raise UnknownDefinition(f"There is no workflow {name!r}. There are: {', '.join(definitions())}.")
    return definitions()[name]
