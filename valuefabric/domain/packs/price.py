"""The price of the offer as a cost: one amount for the contract, in equal parts over its years, each figure sourced."""

from decimal import Decimal

from valuefabric.domain.discovery.findings import Citation, Discovery
from valuefabric.domain.model import Row, Source
from valuefabric.domain.packs.schema import Pack

PRICE = "price"
_AMOUNT, _YEARS = "contract_price", "contract_years"
_NOTE = "The record names one amount for the whole term; it is spread evenly over the years until the payment plan is known."


def price_rows(pack: Pack, discovery: Discovery) -> tuple[Row, ...]:
    """Amount, years and the yearly cost; nothing where the evidence lacks the amount or the term."""
    term = discovery.convention("term_years")
    if pack.price is None or discovery.price is None or term is None or not term.value:
        return ()
    label, currency = pack.price.label, str(discovery.currency)
    return (
        _given(_AMOUNT, f"{label}, whole contract", currency, discovery.price.value, discovery.price.citation),
        _given(_YEARS, "Years of the contract", "number", term.value, term.citation),
        Row(key=PRICE, label=f"{label}, each year", unit=currency, role="cost", formula=f"{_AMOUNT} / {_YEARS}", note=_NOTE),
    )


def _given(key: str, label: str, unit: str, value: Decimal, cited: Citation) -> Row:
    source = Source(kind="evidence", reference=cited.reference, quotation=cited.quotation, start=cited.start, end=cited.end)
    return Row(key=key, label=label, unit=unit, values=(value,), source=source, confidence="medium")
