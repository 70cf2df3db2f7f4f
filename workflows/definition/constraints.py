"""What a run, or a part of it, is held to. Constraints are inherited inwards and can only become narrower on the way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from pydantic import Field

from workflows.definition.parts import Part

type Sensitivity = Literal["public", "internal", "confidential", "restricted"]
type Audience = Literal["customer", "partner", "tenant", "team"]

# From what may be handled by the least to what only the most trusted may: a step may handle up to its own level.
SENSITIVITIES: tuple[Sensitivity, ...] = ("public", "internal", "confidential", "restricted")
# From the widest circle of readers to the narrowest.
AUDIENCES: tuple[Audience, ...] = ("customer", "partner", "tenant", "team")


class Budget(Part):
    """The most that may be spent on language models."""

    tokens: int = Field(ge=0)
    money_usd: Decimal = Field(ge=0)


class Capability(Part):
    """A right: an action on resources by pattern; ``{subject}`` is what the run is about."""

    action: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    resource: str = "{subject}"


class Constraints(Part):
    """Each is left out where nothing is held to. ``sensitivity`` is the highest level of data that may be handled."""

    budget: Budget | None = None
    capabilities: tuple[Capability, ...] | None = None
    sensitivity: Sensitivity | None = None
    audience: Audience | None = None

    def narrowed(self, inner: "Constraints | None") -> "Constraints":
        """These and those of a part inside, whichever is narrower."""
        if inner is None:
            return self
        return Constraints(
            budget=_smaller(self.budget, inner.budget),
            capabilities=_common(self.capabilities, inner.capabilities),
            sensitivity=_nearest(SENSITIVITIES, self.sensitivity, inner.sensitivity, lowest=True),
            audience=_nearest(AUDIENCES, self.audience, inner.audience, lowest=False),
        )

    def widened_by(self, inner: "Constraints") -> list[str]:
        """What ``inner`` asks for and these do not allow, each as a sentence."""
        return [*_budget_faults(self.budget, inner.budget), *self._right_faults(inner), *self._level_faults(inner)]

    def _right_faults(self, inner: "Constraints") -> list[str]:
        if self.capabilities is None or inner.capabilities is None:
            return []
        held = ", ".join(_shown(right) for right in self.capabilities) or "none"
        missing = (right for right in inner.capabilities if right not in self.capabilities)
        return [f"needs the capability {_shown(right)}; what is around it has: {held}" for right in missing]

    def _level_faults(self, inner: "Constraints") -> list[str]:
        faults = []
        if self.sensitivity and inner.sensitivity and _level(inner.sensitivity) > _level(self.sensitivity):
            faults.append(f"handles {inner.sensitivity} data; what is around it may handle up to {self.sensitivity}")
        if self.audience and inner.audience and AUDIENCES.index(inner.audience) < AUDIENCES.index(self.audience):
            faults.append(f"is for the audience {inner.audience}; what is around it is only for {self.audience}")
        return faults


def _budget_faults(outer: Budget | None, inner: Budget | None) -> list[str]:
    if outer is None or inner is None:
        return []
    faults = []
    if inner.tokens > outer.tokens:
        faults.append(f"may spend {inner.tokens} tokens; what is around it only {outer.tokens}")
    if inner.money_usd > outer.money_usd:
        faults.append(f"may spend {inner.money_usd} USD; what is around it only {outer.money_usd}")
    return faults


def _level(sensitivity: Sensitivity) -> int:
    return SENSITIVITIES.index(sensitivity)


def _shown(right: Capability) -> str:
    return f"{right.action} on {right.resource}"


def _smaller(outer: Budget | None, inner: Budget | None) -> Budget | None:
    if outer is None or inner is None:
        return outer or inner
    return Budget(tokens=min(outer.tokens, inner.tokens), money_usd=min(outer.money_usd, inner.money_usd))


def _common(outer: Sequence[Capability] | None, inner: Sequence[Capability] | None) -> tuple[Capability, ...] | None:
    if outer is None or inner is None:
        rights = outer if inner is None else inner
        return None if rights is None else tuple(rights)
    return tuple(right for right in inner if right in outer)


def _nearest[T](scale: Sequence[T], outer: T | None, inner: T | None, *, lowest: bool) -> T | None:
    if outer is None or inner is None:
        return outer or inner
    place = min if lowest else max
    return scale[place(scale.index(outer), scale.index(inner))]
