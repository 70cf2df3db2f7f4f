"""Figures in a CRM record, found by the paths that the pack knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from valuefabric.domain.discovery.findings import Citation
from valuefabric.domain.discovery.notes import cite
from valuefabric.domain.discovery.units import CURRENCIES
from valuefabric.domain.evidence import ParsedDocument
from valuefabric.domain.packs.schema import Pack

_CURRENCY_PATHS = ("opportunity.currency", "account.currency", "currency", "deal.currency")
_CLOSE_PATHS = ("opportunity.close_date", "deal.close_date", "close_date")
_TERM_PATHS = ("opportunity.term_months", "deal.term_months", "term_months")


@dataclass(frozen=True, slots=True)
class RecordFigure:
    """A number of the record that is one of the pack's inputs; percents in the record are written as 38.4."""

    input: str
    value: Decimal
    citation: Citation


def record_figures(reference: str, document: ParsedDocument, pack: Pack) -> Iterator[RecordFigure]:
    """The record's figures for the pack's inputs, one for each input."""
    for name, spec in pack.inputs.items():
        for path in spec.record_paths:
            value = value_at(document.record, path)
            if isinstance(value, Decimal):
                scaled = value / 100 if spec.unit == "percent" else value
                yield RecordFigure(name, scaled, path_citation(reference, document, path))
                break


def record_price(reference: str, document: ParsedDocument, pack: Pack) -> tuple[Decimal, Citation] | None:
    """The contract's whole price as the record states it, in the deal's currency."""
    for path in pack.price.record_paths if pack.price else ():
        value = value_at(document.record, path)
        if isinstance(value, Decimal) and value > 0:
            return value, path_citation(reference, document, path)
    return None


def record_currency(document: ParsedDocument) -> str | None:
    """The deal's currency as the record states it."""
    for path in _CURRENCY_PATHS:
        value = value_at(document.record, path)
        if isinstance(value, str) and value.upper() in CURRENCIES:
            return value.upper()
    return None


def record_term(reference: str, document: ParsedDocument) -> tuple[Decimal, Citation] | None:
    """The deal's term in years, where it is a whole number of them."""
    for path in _TERM_PATHS:
        months = value_at(document.record, path)
        if isinstance(months, Decimal) and months > 0 and months % 12 == 0:
            return (months / 12).quantize(Decimal(1)), path_citation(reference, document, path)
    return None


def record_start(document: ParsedDocument) -> date | None:
    """The first day of the contract: the day after the deal is expected to close, where the record has that as an ISO date."""
    for path in _CLOSE_PATHS:
        value = value_at(document.record, path)
        try:
            return date.fromisoformat(value) + timedelta(days=1)
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def value_at(record: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for part in path.split("."):
        record = record.get(part) if isinstance(record, Mapping) else None
    return record


def path_citation(reference: str, document: ParsedDocument, path: str) -> Citation:
    """The citation of a scalar at a dotted path; its quotation includes the key, so that it can be read alone."""
    span = next(span for span in document.spans if span.locator == f"$.{path}")
    key = f'"{path.rpartition(".")[2]}"'
    start = document.text.rfind(key, 0, span.start)
    return cite(reference, document, start if start >= 0 else span.start, span.end).model_copy(update={"locator": span.locator})
