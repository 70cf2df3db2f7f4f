"""Which steps a fork does anew, and which it takes over from its parent. Pure: a definition and states in, keys out."""

from collections.abc import Iterable, Mapping

from workflows.definition import ApprovalStep, Definition
from workflows.references import references_in
from workflows.states import StepState

# What is decided, so that a fork can go on from it. What was undone, or ended early, gives nothing to go on from.
DECIDED = frozenset({StepState.COMPLETED, StepState.SKIPPED, StepState.BYPASSED})


def steps_redone(definition: Definition, key: str) -> frozenset[str]:
    """The steps that a fork from ``key`` does itself: that one and all that follow it.

    Also approvals that one of them uses, with what follows those: a fork asks for its own, because a decision can be used up
    once, and that one is its parent's.
    """
    redone = {key, *_after(definition, key)}
    while missing := _approvals_used(definition, redone) - redone:
        for approval in missing:
            redone |= {approval, *_after(definition, approval)}
    return frozenset(redone)


def steps_taken_over(definition: Definition, key: str, states: Mapping[str, StepState]) -> frozenset[str]:
    """The steps whose outcome a fork from ``key`` takes over from a run whose steps are in ``states``."""
    redone = steps_redone(definition, key)
    return frozenset(other for other, state in states.items() if state in DECIDED and other not in redone)


def _after(definition: Definition, key: str) -> set[str]:
    found: set[str] = set()
    waiting = list(definition.steps[key].targets)
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting.extend(definition.steps[step].targets)
    return found


def _approvals_used(definition: Definition, keys: Iterable[str]) -> set[str]:
    used = {
        reference.path[1]
        for key in keys
        for reference in references_in(definition.steps[key].template)
        if reference.path[0] == "steps" and len(reference.path) > 1
    }
    return {key for key in used if isinstance(definition.steps[key], ApprovalStep)}
