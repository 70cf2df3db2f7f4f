"""Definitions by name: those that come with the product (``workflows/definitions/*.yaml``), then the tenant's own.

What is given out is linked: workflows that it names as its steps are part of it, so a run keeps all of what it began with.
"""

from functools import cache, lru_cache
from importlib.resources import files

from workflows.definition import CompositeStep, Definition, Graph, StepSpec, definition_read
from workflows.definition.inheritance import inherited

_DEEPEST = 8


class UnknownDefinition(LookupError):
    """No definition of this name is there; the message lists those that are."""


class DefinitionsInACircle(ValueError):
    """Workflows are steps of each other, so that the first would never end; the message names them."""


@cache
def definitions() -> dict[str, Definition]:
    """All definitions of the product by name, as they are written. Raises DefinitionError for a file that cannot be used."""
    found: dict[str, Definition] = {}
    for file in sorted(files("workflows.definitions").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            definition = definition_read(file.read_text(encoding="utf-8"), filename=file.name)
            if definition.name in found:
                raise ValueError(f"Two definitions are named {definition.name!r}; {file.name} is the second.")
            found[definition.name] = definition
    return found


def definition_named(name: str) -> Definition:
    """The definition of this name, linked; of a tenant's own the newest published version. Raises UnknownDefinition."""
    return _product_linked(name) if name in definitions() else definition_linked(_written(name))


def definitions_here() -> dict[str, Definition]:
    """All that can be started in the current tenant, by name, linked: the product's, then its own."""
    from workflows.publishing.selectors import names_published  # models exist only once the apps are loaded

    return {name: definition_named(name) for name in [*definitions(), *names_published()]}


def definition_linked(definition: Definition) -> Definition:
    """The definition with every workflow that it names put in. Raises UnknownDefinition and DefinitionsInACircle."""
    return inherited(_linked(definition, (definition.name,)), None)


@cache
def _product_linked(name: str) -> Definition:
    return definition_linked(definitions()[name])


def _written(name: str) -> Definition:
    from workflows.publishing.selectors import names_published, text_published  # models exist only once the apps are loaded

    if name in definitions():
        return definitions()[name]
    text = text_published(name)
    if text is None:
        raise UnknownDefinition(f"There is no workflow {name!r}. There are: {', '.join([*definitions(), *names_published()])}.")
    return _read(text)


@lru_cache(maxsize=200)
def _read(text: str) -> Definition:
    # By the text alone, so no tenant can put another's in its place.
    return definition_read(text)


def _linked[G: Graph](graph: G, inside: tuple[str, ...]) -> G:
    steps = {key: _step_linked(spec, inside) for key, spec in graph.steps.items()}
    return graph if all(steps[key] is spec for key, spec in graph.steps.items()) else graph.model_copy(update={"steps": steps})


def _step_linked(spec: StepSpec, inside: tuple[str, ...]) -> StepSpec:
    if not isinstance(spec, CompositeStep):
        return spec
    if spec.workflow is not None:
        if spec.workflow in inside or len(inside) >= _DEEPEST:
            raise DefinitionsInACircle(f"{' → '.join([*inside, spec.workflow])}: a workflow cannot be a step of itself.")
        return spec.model_copy(update={"linked": _linked(_written(spec.workflow), (*inside, spec.workflow))})
    if spec.body is not None:
        return spec.model_copy(update={"body": _linked(spec.body, inside)})
    return spec.model_copy(update={"bodies": {name: _linked(body, inside) for name, body in spec.bodies.items()}})
