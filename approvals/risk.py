"""Risk decides the mode: what is known of an action, and the first rule that it meets. Pure: no Django, no clock.

What is not known counts as the worst: money nobody names is more than any limit, and what nobody calls reversible is not.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from approvals.chains import Chain
from approvals.modes import Mode


class Audience(StrEnum):
    """Who notices what is done."""

    INTERNAL = "internal"
    CUSTOMER = "customer"
    PUBLIC = "public"


class Risk(BaseModel):
    """What an action puts at stake. ``money`` is an amount in ``currency`` (ISO 4217), None where nobody knows.

    ``tainted``: its arguments derive from text from outside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    money: Decimal | None = None
    currency: str = ""
    irreversible: bool = True
    audience: Audience = Audience.PUBLIC
    tainted: bool = False


class Rule(BaseModel):
    """Conditions, all of which must hold, and what then applies. ``chain`` None means the policy's own.

    ``money_from`` is met by amounts of at least that, and by unknown ones or of another currency; ``money_below`` by neither.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=120)
    money_from: Decimal | None = Field(default=None, ge=0)
    money_below: Decimal | None = Field(default=None, gt=0)
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    irreversible: bool | None = None
    audience: tuple[Audience, ...] = ()
    tainted: bool | None = None
    mode: Mode
    chain: Chain | None = None

    @model_validator(mode="after")
    def _money_has_a_currency(self) -> Self:
        if (self.money_from is not None or self.money_below is not None) and not self.currency:
            raise ValueError(f"Rule {self.title!r} compares money and must name its currency, such as USD.")
        return self

    def meets(self, risk: Risk) -> bool:
        """Whether every condition holds for ``risk``."""
        money = risk.money if risk.currency == self.currency else None
        return (
            (self.money_from is None or money is None or money >= self.money_from)
            and (self.money_below is None or (money is not None and money < self.money_below))
            and self.irreversible in (None, risk.irreversible)
            and (not self.audience or risk.audience in self.audience)
            and self.tainted in (None, risk.tainted)
        )


@dataclass(frozen=True)
class Chosen:
    """What applies to one request. ``rule`` is the title of the rule that decided, empty for none; ``why`` in words."""

    mode: Mode
    chain: Chain
    rule: str
    why: str


def choose(*, mode: Mode, chain: Chain, rules: tuple[Rule, ...], risk: Risk, revertible: bool) -> Chosen:
    """The first rule that ``risk`` meets, else ``mode`` and ``chain``; never other than in the loop for what people must decide.

    ``revertible``: the action declares how it is undone, without which an objection would come to nothing.
    """
    rule = next((one for one in rules if one.meets(risk)), None)
    wanted = rule.mode if rule else mode
    asked = (rule and rule.chain) or chain
    why = f"Rule {rule.title!r} decides." if rule else "No rule of the policy matches; its own mode decides."
    if wanted != Mode.IN and (barred := _barred(wanted, risk, revertible)):
        return Chosen(Mode.IN, asked, rule.title if rule else "", f"{why} {barred}")
    return Chosen(wanted, asked, rule.title if rule else "", why)


def _barred(wanted: Mode, risk: Risk, revertible: bool) -> str:
    """Why people must decide, whatever a policy says; empty if they need not."""
    if risk.irreversible:
        return "It cannot be undone, so people decide first."
    if risk.tainted:
        return "It derives from text from outside, so people decide first."
    if wanted == Mode.ON and not revertible:
        return "Nobody has said how it is undone, so an objection would come too late: people decide first."
    return ""
