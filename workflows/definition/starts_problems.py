"""What can be wrong with a definition's triggers and limits although each is right by itself: inputs and references."""

from collections.abc import Iterator

from workflows.definition.document import Definition
from workflows.definition.places import Path, Problem
from workflows.definition.starts import StartTrigger
from workflows.references import ReferenceInvalid, references_in

_KEY_SCOPE = ("inputs", "execution")


def start_problems(definition: Definition) -> Iterator[Problem]:
    """A problem for each input that is not declared or not given, and each reference that leads nowhere."""
    if definition.limits is not None:
        yield from _key_problems(definition)
    for key, trigger in definition.triggers.items():
        place: Path = ("triggers", key)
        yield from _input_problems(definition, trigger, place)
        for name, value in (("inputs", trigger.inputs), ("subject", trigger.subject)):
            yield from _reference_problems(value, trigger.scope, (*place, name), "a trigger of this kind")


def _key_problems(definition: Definition) -> Iterator[Problem]:
    key = definition.limits.key if definition.limits else ""
    place: Path = ("limits", "key")
    wrong = list(_reference_problems(key, _KEY_SCOPE, place, "a limit's key"))
    yield from wrong
    for reference in references_in(key) if not wrong else ():
        if reference.path[0] == "inputs" and reference.path[1:2] not in {(name,) for name in definition.inputs}:
            yield Problem(place, f"{reference} names an input that is not declared{_declared(definition)}")
        if reference.path[0] == "execution" and reference.path != ("execution", "subject"):
            yield Problem(place, f"{reference}: of a run that has not begun only ${{execution.subject}} is known")


def _input_problems(definition: Definition, trigger: StartTrigger, place: Path) -> Iterator[Problem]:
    for name in trigger.inputs:
        if name not in definition.inputs:
            yield Problem((*place, "inputs", name), f"there is no input {name!r}{_declared(definition)}")
    if trigger.given_by_caller:
        return
    missing = [name for name, spec in definition.inputs.items() if spec.required and spec.default is None]
    if left := [name for name in missing if name not in trigger.inputs]:
        yield Problem(place, f"gives no {', '.join(left)}, without which no run can start")


def _reference_problems(value: object, scope: tuple[str, ...], place: Path, where: str) -> Iterator[Problem]:
    try:
        wrong = [reference for reference in references_in(value) if reference.path[0] not in scope]
    except ReferenceInvalid as error:
        yield Problem(place, str(error))
        return
    there = ", ".join(f"${{{name}…}}" for name in scope)
    yield from (Problem(place, f"{reference} leads nowhere in {where}; there is {there}") for reference in wrong)


def _declared(definition: Definition) -> str:
    return f"; there are {', '.join(definition.inputs)}" if definition.inputs else ""
