"""The conservative gate: what must be mended before a case may claim to be careful. Which rule, which row, by how much.

The middle of the evidence and what a benefit is made of are the manifesto's own notions (its fourth principle); the gate holds
figures against them and against the policy's limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.discounting import added, present_value
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO
from valuefabric.domain.manifesto.lineage import ancestors, counted_benefits, counted_inputs
from valuefabric.domain.manifesto.observations import Held, hold_against_evidence, risk_adjusted
from valuefabric.domain.model.adjustment import risk_adjustments
from valuefabric.domain.model.computation import Computation
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.row import Row


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What an organisation asks of every case, as shares.

    ``least_risk_adjustment`` of each benefit; ``most_at_once``: how much of a benefit's largest period its first one may have;
    ``most_from_one``: how much of all benefits may rest on one assumption of low confidence.
    """

    least_risk_adjustment: Decimal = Decimal("0.05")
    most_at_once: Decimal = Decimal("0.9")
    most_from_one: Decimal = Decimal("0.25")

    def __post_init__(self) -> None:
        """Shares only."""
        for name in ("least_risk_adjustment", "most_at_once", "most_from_one"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}")


STANDARD = GatePolicy()


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` is beyond ``allowed``, both in ``unit``. ``write`` says what would mend it."""

    rule: str
    row: str
    period: str
    found: Decimal
    allowed: Decimal
    unit: str
    message: str
    write: str

    @property
    def by(self) -> Decimal:
        """How far beyond what is allowed."""
        return abs(ENGINE.subtract(self.found, self.allowed))


class NotConservative(ValueError):
    """A model that does not pass the gate, with all its findings."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"the model is not conservative: {'; '.join(finding.message for finding in findings)}")
        self.findings = findings


def pass_gate(document: ModelDocument, *, policy: GatePolicy = STANDARD) -> None:
    """Raise NotConservative unless nothing is found."""
    if findings := conservative_gate(document, policy=policy):
        raise NotConservative(findings)


def conservative_gate(document: ModelDocument, *, policy: GatePolicy = STANDARD) -> tuple[Finding, ...]:
    """Everything that stands in the way, rule by rule in the document's order; nothing for a model that passes."""
    computed = compute(document)
    return (
        *_above_the_middle(document),
        *_best_case(document, computed),
        *_risk_adjustments(document, policy),
        *_at_once(document, computed, policy),
        *_unsourced_shares(document),
        *_resting_on_one(document, computed, policy),
    )


def _above_the_middle(document: ModelDocument) -> Iterator[Finding]:
    """Each input in the first period in which it is more favourable than what its evidence says is likely."""
    for row in counted_inputs(document):
        for held in hold_against_evidence(row, document):
            middle = _middle(row, held, document)
            if middle is not None and held.exceeds(middle):
                side = "below" if held.lower_is_better else "above"
                what = "the figure quoted for it" if middle == held.observed else "the middle of its range"
                message = f"the base of {row.key} ({row.label}) is {side} {what}: {_plain(held.base)} against {_plain(middle)}"
                write = f"{_plain(middle)} in {held.period}, or a source that says more"
                yield Finding("base_above_middle", row.key, held.period, held.base, middle, row.unit, message, write)
                break


def _middle(row: Row, held: Held, document: ModelDocument) -> Decimal | None:
    """What is quoted; the middle of the range where nothing is, or where a quoted figure has no risk adjustment behind it."""
    if held.observed is None or held.exceeds(held.observed):
        return held.observed if held.observed is not None else held.midpoint
    return held.midpoint if not risk_adjusted(row, document) else None


def _best_case(document: ModelDocument, computed: Computation) -> Iterator[Finding]:
    """Drivers that are worth as much in the base as at the favourable ends, and less at the unfavourable ones."""
    low, high = compute(document, scenario="low"), compute(document, scenario="high")
    for driver in computed.drivers:
        least, most = low.driver(driver.key).pv, high.driver(driver.key).pv
        if driver.counted and least < driver.pv and driver.pv >= most:
            middle = ENGINE.divide(ENGINE.add(least, most), Decimal(2))
            message = f"the driver {driver.key} ({driver.label}) counts its best case: its ranges leave no room above the base"
            rows = [row.key for row in document.rows if row.driver == driver.key and row.role == "benefit"]
            write = "bases inside their ranges, or the range that the evidence really has"
            key = rows[0] if rows else ""
            yield Finding("best_case", key, "", driver.pv, middle, document.currency, message, write)


def _risk_adjustments(document: ModelDocument, policy: GatePolicy) -> Iterator[Finding]:
    adjusted = risk_adjustments(document)
    for row in counted_benefits(document):
        found = adjusted[row.key]
        if found < policy.least_risk_adjustment:
            has = f"is adjusted for risk by {_percent(found)} only" if found else "has no risk adjustment"
            if row.risk_adjusted_by and not found:
                has = f"has no risk adjustment: without {row.risk_adjusted_by} it would be no higher"
            message = f"the benefit {row.key} ({row.label}) {has}; the policy asks for {_percent(policy.least_risk_adjustment)}"
            write = f"risk_adjustment: {_percent(policy.least_risk_adjustment, '')}"
            yield Finding("risk_adjustment", row.key, "", found, policy.least_risk_adjustment, "percent", message, write)


def _at_once(document: ModelDocument, computed: Computation, policy: GatePolicy) -> Iterator[Finding]:
    """Benefits whose first period has nearly all of their largest one, as if everybody had changed on the first day."""
    first = int(document.has_initial_period)
    for row in counted_benefits(document):
        values = computed.rows[row.key].values[first:]
        most = max(values, default=ZERO)
        if most <= 0 or len(values) < 2 or (row.timing is not None and row.timing.once is not None):
            continue
        share = ENGINE.divide(values[0], most)
        if share > policy.most_at_once:
            period = document.periods[first]
            message = (
                f"the benefit {row.key} ({row.label}) is there at once: {_percent(share)} of its full effect in "
                f"{document.label_of(period)}, {_percent(policy.most_at_once)} at most"
            )
            write = f"{'a driver with ' if row.driver else ''}phase_in: {{shape: linear, over: 6}}, or why it needs no time"
            yield Finding("phase_in", row.key, period, share, policy.most_at_once, "percent", message, write)


def _unsourced_shares(document: ModelDocument) -> Iterator[Finding]:
    """Shares written as bare figures, which can have no source."""
    for row in counted_benefits(document):
        for name, share in (("attribution", row.attribution), ("probability", row.probability)):
            if isinstance(share, Decimal) and share not in (ZERO, 1):
                message = f"the {name} of {row.key} ({row.label}), {_percent(share)}, is a figure without a source"
                write = f"a row for the share, with its source, and {name}: its key"
                yield Finding(f"unsourced_{name}", row.key, "", share, ZERO, "percent", message, write)


def _resting_on_one(document: ModelDocument, computed: Computation, policy: GatePolicy) -> Iterator[Finding]:
    """Assumptions of low confidence without which too much of the benefits would not be there."""
    total = computed.measures.pv_benefits
    if total <= 0:
        return
    worth = {row.key: present_value(_counted(computed, row.key), document.conventions) for row in counted_benefits(document)}
    made_of = {key: {key, *ancestors(document, key)} for key in worth}
    for row in counted_inputs(document):
        if row.confidence != "low":
            continue
        share = ENGINE.divide(added([pv for key, pv in worth.items() if row.key in made_of[key]]), total)
        if share > policy.most_from_one:
            message = (
                f"{_percent(share)} of all benefits rest on {row.key} ({row.label}), an assumption of low confidence; "
                f"{_percent(policy.most_from_one)} at most"
            )
            yield Finding(
                "rests_on_one",
                row.key,
                "",
                share,
                policy.most_from_one,
                "percent",
                message,
                "better evidence, or a smaller claim",
            )


def figure_words(value: Decimal, unit: str) -> str:
    """A figure of a finding as people read it: shares in percent, others with their unit."""
    return _percent(value) if unit == "percent" else f"{_plain(value.quantize(Decimal('0.01')))} {unit}"


def _counted(computed: Computation, key: str) -> tuple[Decimal, ...]:
    return computed.counted.get(key, computed.rows[key].values)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _percent(share: Decimal, space: str = " ") -> str:
    return f"{_plain((share * 100).quantize(Decimal('0.1')))}{space}%"
