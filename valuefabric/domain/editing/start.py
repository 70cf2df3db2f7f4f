"""The first document of a model that people build by hand: nothing but places for figures, none of them filled in."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from valuefabric.domain.editing.naming import names_in
from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.model import Driver, ModelDocument, Row
from valuefabric.domain.packs import Pack

_LETTERS = {12: "y", 3: "q", 1: "m"}


@dataclass(frozen=True)
class Frame:
    """What every model needs before its first figure. ``discount_rate`` is a year's, as a fraction."""

    title: str
    currency: str
    discount_rate: Decimal
    columns: int = 3
    months_per_period: int = 12
    has_start: bool = False

    @property
    def periods(self) -> tuple[str, ...]:
        """The columns' keys; with a start, a column of its own before the first."""
        letter = _LETTERS.get(self.months_per_period, "p")
        return (*(("initial",) if self.has_start else ()), *(f"{letter}{n + 1}" for n in range(self.columns)))

    @property
    def conventions(self) -> Conventions:
        """How its flows become measures."""
        return Conventions(
            discount_rate=self.discount_rate,
            initial_period="undiscounted" if self.has_start else "none",
            months_per_period=self.months_per_period,
        )


def blank_document(frame: Frame, *, model_id: str, driver: str, impact: Literal["revenue", "cost", "risk"]) -> ModelDocument:
    """One driver with an empty benefit, and an empty cost."""
    first = Driver(key="driver_1", label=driver, impact=impact)
    rows = (
        Row(key="benefit", label=driver, unit=frame.currency, driver=first.key, role="benefit", values=(Decimal(0),)),
        Row(key="cost", label="What it costs", unit=frame.currency, role="cost", values=(Decimal(0),)),
    )
    return _document(frame, model_id, "Built by hand", (first,), rows)


def pack_document(frame: Frame, pack: Pack, keys: Collection[str], *, model_id: str) -> ModelDocument:
    """The rows of the pack's drivers of these keys, with zeros where evidence has to come, and an empty cost.

    Formulas that name rows of a driver that was left out take their fallback, or the row is left out too.
    """
    chosen = [driver for driver in pack.drivers if driver.key in keys]
    formulas = _usable({row.key: (row.formula, row.fallback) for driver in chosen for row in driver.rows})
    rows = [
        Row(
            key=row.key,
            label=row.label,
            unit=row.unit.replace("currency", frame.currency),
            driver=driver.key,
            role=row.role,
            formula=formulas[row.key] or None,
            values=None if formulas[row.key] else (Decimal(0),),
            round=row.round,
            display_round=row.display_round,
            kpi=row.input or "",
        )
        for driver in chosen
        for row in driver.rows
        if row.key in formulas
    ]
    rows.append(Row(key="cost", label="What it costs", unit=frame.currency, role="cost", values=(Decimal(0),)))
    drivers = tuple(
        Driver(key=one.key, label=one.label, impact=one.impact, kpi=one.kpi, counted=one.counted, note=one.note) for one in chosen
    )
    return _document(frame, model_id, f"Value pack {pack.key} {pack.version}; figures by hand", drivers, tuple(rows))


def _usable(templates: dict[str, tuple[str | None, str | None]]) -> dict[str, str]:
    """For each row that can stand its formula; empty for an input. Names of rows that were dropped drop more, until none is."""
    kept = {key: formula or "" for key, (formula, _) in templates.items()}
    while True:
        again: dict[str, str] = {}
        for key in kept:
            wanted = [text for text in templates[key] if text]
            fitting = next((text for text in wanted if names_in(text) <= set(kept)), None)
            if fitting is not None or not wanted:
                again[key] = fitting or ""
        if again == kept:
            return kept
        kept = again


def _document(frame: Frame, model_id: str, source: str, drivers: tuple[Driver, ...], rows: tuple[Row, ...]) -> ModelDocument:
    return ModelDocument(
        id=model_id,
        title=frame.title,
        source=source,
        currency=frame.currency,
        conventions=frame.conventions,
        periods=frame.periods,
        drivers=drivers,
        rows=rows,
    )
