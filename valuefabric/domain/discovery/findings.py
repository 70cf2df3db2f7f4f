"""What discovery hands on: frozen findings, each with the quotation that supports it.

Values are in the model's scale: a percent is a fraction (0.384), money is in whole units of the deal's currency.
"""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

type Confidence = Literal["high", "medium", "low"]
type ConventionKey = Literal["discount_rate", "term_years", "risk_adjustment", "benefits_at_margin", "lag_years"]


_MARKS = '"“”'
_SINGLE = str.maketrans({"“": "‘", "”": "’", '"': "'"})


class _Finding(BaseModel):
    model_config = ConfigDict(frozen=True)


class Citation(_Finding):
    """Where something was said: the evidence's reference and exact offsets into its canonical text."""

    reference: str
    quotation: str
    start: int
    end: int
    locator: str = ""

    @property
    def quoted(self) -> str:
        """The words in one line between quotation marks; marks that they bring along are not doubled."""
        words = " ".join(self.quotation.split())
        if len(words) > 1 and words[0] in _MARKS and words[-1] in _MARKS:
            words = words[1:-1]
        return f"“{words.translate(_SINGLE)}”"


class Assumption(_Finding):
    """A pack input found in the evidence: one value a period. `source` is the strongest citation, `support` all others."""

    input: str
    label: str
    unit: str
    values: tuple[Decimal, ...]
    low: Decimal | None = None
    high: Decimal | None = None
    confidence: Confidence
    source: Citation
    support: tuple[Citation, ...] = ()
    note: str = ""


class Persona(_Finding):
    """A person or role, and what they care about. `side` tells the customer's people from the seller's."""

    name: str = ""
    title: str
    function: str
    persona: str = ""
    cares_about: tuple[str, ...] = ()
    side: Literal["customer", "seller"] = "customer"
    citation: Citation


class Pain(_Finding):
    """A sentence in which something hurts, and the driver whose words it uses, if any."""

    driver: str | None
    citation: Citation


class Convention(_Finding):
    """A rule of reckoning that the evidence asks for. `driver` narrows it to one driver; rates are fractions."""

    key: ConventionKey
    value: Decimal | None = None
    driver: str | None = None
    citation: Citation


class Exclusion(_Finding):
    """A benefit that is to be listed and not counted; `citation` says so, `context` says what it is about."""

    driver: str | None
    citation: Citation
    context: tuple[Citation, ...] = ()


class ForbiddenSentence(_Finding):
    """Words that must not stand in any document; `requested_by` asked for it in `request`."""

    phrase: str
    requested_by: str
    citation: Citation
    request: Citation


class SuspiciousSentence(_Finding):
    """Text that addresses the software instead of describing the customer. It is shown, and used for nothing."""

    reason: str
    citation: Citation


class StatedValue(_Finding):
    """One source's figure in a conflict."""

    value: str
    citation: Citation


class Conflict(_Finding):
    """Sources that disagree; nothing is averaged, a person decides. `used` is what the findings carry meanwhile."""

    subject: str
    message: str
    stated: tuple[StatedValue, ...]
    used: str


class Hypothesis(_Finding):
    """A driver that the evidence speaks for: the pack's claim and the quotations that support it."""

    driver: str
    claim: str
    impact: str
    counted: bool
    score: float
    citations: tuple[Citation, ...]
    missing: tuple[str, ...] = ()


class ApprovalNeed(_Finding):
    """Who must approve, in the order in which the notes name them."""

    approvers: tuple[str, ...]
    citation: Citation


class Owner(_Finding):
    """Who owns the outcome."""

    title: str
    citation: Citation


class Price(_Finding):
    """What the customer is to pay over the whole contract, in the deal's currency."""

    value: Decimal
    citation: Citation


class UnmatchedRow(_Finding):
    """A sheet's row that the pack has no input for."""

    name: str
    citation: Citation


class Discovery(_Finding):
    """Everything found in a customer's evidence, ready for a model; `method` says what matched sentences to drivers."""

    pack: str
    method: str
    currency: str | None
    periods: tuple[str, ...]
    assumptions: tuple[Assumption, ...] = ()
    price: Price | None = None
    personas: tuple[Persona, ...] = ()
    pains: tuple[Pain, ...] = ()
    owner: Owner | None = None
    approval: ApprovalNeed | None = None
    conventions: tuple[Convention, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    forbidden: tuple[ForbiddenSentence, ...] = ()
    suspicious: tuple[SuspiciousSentence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    unmatched: tuple[UnmatchedRow, ...] = ()

    def assumption(self, name: str) -> Assumption | None:
        """The assumption found for a pack's input, if any."""
        return next((found for found in self.assumptions if found.input == name), None)

    def convention(self, key: ConventionKey, driver: str | None = None) -> Convention | None:
        """The convention for a driver, else the one for all."""
        matching = [found for found in self.conventions if found.key == key and found.driver in (driver, None)]
        return next((found for found in matching if found.driver is not None), matching[0] if matching else None)
