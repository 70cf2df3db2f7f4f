"""The next case as a model of its own: today's measured figures, the gaps closed to the median, every figure with its source."""

from decimal import Decimal

from valuefabric.domain.expansion.result import ExpansionResult, Gap
from valuefabric.domain.formulas.arithmetic import round_half_away
from valuefabric.domain.model import ModelDocument, Row, Source
from valuefabric.domain.realization.result import AssumptionActual, RealizationResult
from valuefabric.domain.realization.wording import month_name


def proposal_document(
    document: ModelDocument, expansion: ExpansionResult, realization: RealizationResult | None = None
) -> ModelDocument:
    """``document`` for one more term: gaps at the benchmark's median, other measured rows at their recent mean.

    Stretches are not promised. The range of a closed gap reaches from what is measured to the benchmark's high end, so the base
    stays at the evidence's middle.
    """
    closed = {key: gap for gap in expansion.gaps if not gap.stretch for key in gap.rows}
    recent = {actual.row: actual for actual in realization.assumptions} if realization else {}
    rows = tuple(_next_row(row, closed.get(row.key), recent.get(row.key), realization) for row in document.rows)
    title = f"Expansion: {document.title}"[:500]
    plain = document.model_copy(update={"id": f"{document.id[:180]}-expansion", "title": title, "rows": rows, "expected": None})
    return ModelDocument.model_validate(plain.model_dump())


def _next_row(row: Row, gap: Gap | None, recent: AssumptionActual | None, realization: RealizationResult | None) -> Row:
    if gap is not None:
        source = Source(kind="benchmark", reference=gap.citation[:500])
        low, high = sorted((gap.current, gap.low if row.lower_is_better else gap.high))
        changes = {"source": source, "confidence": "low" if gap.demo else "medium", "note": _note(gap)}
        return row.model_copy(update={"values": _short(gap.target), "low": _short(low), "high": _short(high), **changes})
    if recent is not None and realization is not None:
        through = month_name(realization.starts_on, realization.months - 1)
        source = Source(kind="evidence", reference=f"telemetry of {recent.kpi}, mean of the last three months through {through}")
        return row.model_copy(update={"values": _short(recent.recent), "low": None, "high": None, "source": source})
    return row


def _note(gap: Gap) -> str:
    return "An illustrative benchmark: replace it before the case is shown." if gap.demo else ""


def _short(figure: Decimal) -> tuple[Decimal]:
    """One figure for all periods, to ten decimals: a mean of measurements has no more digits than that which mean anything."""
    short = round_half_away(figure, 10).normalize()
    return (Decimal(f"{short:f}"),)
