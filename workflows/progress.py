"""Which steps a run goes on to: dead ways are followed to their end, so that a join waits only for what can still come."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.definition import Definition
from workflows.states import StepState

_LED_ON = frozenset({StepState.COMPLETED, StepState.SKIPPED})


@dataclass(frozen=True)
class StepProgress:
    """A step's state, and the steps it led to once it was over."""

    state: StepState
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Advance:
    """Pending steps that become ready, and those that no way leads to any more; in the order of the definition."""

    ready: tuple[str, ...] = ()
    bypassed: tuple[str, ...] = ()


def advance(definition: Definition, steps: Mapping[str, StepProgress]) -> Advance:
    """What follows from the states of ``steps``.

    A step is ready when every step before it is decided and at least one of them led to it; it is bypassed when all are
    decided and none did. (Dead-path elimination, as in BPEL 2.0, section 11.6.)
    """
    known = dict(steps)
    ready: set[str] = set()
    bypassed: set[str] = set()
    moved = True
    while moved:
        moved = False
        for key in definition.steps:
            if known[key].state is not StepState.PENDING or key in ready or key == definition.first:
                continue
            ways = [_way(known[before], key) for before in definition.before(key)]
            if None in ways:
                continue
            moved = True
            if any(ways):
                ready.add(key)
            else:
                bypassed.add(key)
                known[key] = StepProgress(StepState.BYPASSED)
    place = definition.order
    return Advance(tuple(sorted(ready, key=place.__getitem__)), tuple(sorted(bypassed, key=place.__getitem__)))


@dataclass(frozen=True)
class Ways:
    """The ways through a definition, looked up once for all of its runs: who leads to whom, and in which order they stand."""

    definition: Definition
    order: Mapping[str, int]
    befores: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, definition: Definition) -> "Ways":
        """Those of a definition."""
        befores: dict[str, list[str]] = {key: [] for key in definition.steps}
        for key, spec in definition.steps.items():
            for target in dict.fromkeys(spec.targets):
                befores[target].append(key)
        return cls(definition, definition.order, {key: tuple(keys) for key, keys in befores.items()})

    def near(self, key: str) -> list[str] | None:
        """The steps whose states decide what follows ``key``; None for all, where its end may cut off a way."""
        spec = self.definition.steps[key]
        if spec.usual != spec.targets:
            return None
        return sorted({*spec.targets, *(before for target in spec.targets for before in self.befores[target])} - {key})


def advance_from(ways: Ways, steps: Mapping[str, StepProgress], ended: str) -> Advance:
    """As ``advance``, when ``ended`` is all that has changed: only what follows it is looked at."""
    known, definition, place = dict(steps), ways.definition, ways.order
    ready: set[str] = set()
    bypassed: set[str] = set()
    waiting = list(definition.steps[ended].targets)
    while waiting:
        key = waiting.pop()
        if known[key].state is not StepState.PENDING or key in ready or key in bypassed:
            continue
        led = [_way(known[before], key) for before in ways.befores[key]]
        if None in led:
            continue
        if any(led):
            ready.add(key)
        else:
            bypassed.add(key)
            known[key] = StepProgress(StepState.BYPASSED)
            waiting.extend(definition.steps[key].targets)
    return Advance(tuple(sorted(ready, key=place.__getitem__)), tuple(sorted(bypassed, key=place.__getitem__)))


def _way(before: StepProgress, key: str) -> bool | None:
    """Whether the way from a step to ``key`` is taken; None while that is open."""
    if before.state in _LED_ON:
        return key in before.taken
    return False if before.state is StepState.BYPASSED else None
