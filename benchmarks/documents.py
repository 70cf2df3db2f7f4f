"""The models that are measured, as documents. Their figures are made up."""

from decimal import Decimal
from typing import Any

from valuefabric.domain.model import ModelDocument

Spread = tuple[float, float, float]
DRIVERS = 20
ADOPTION = ("0.3", "0.6", "0.8", "0.9", "1")


def two_hundred_rows() -> ModelDocument:
    """Twenty drivers of ten rows, five years: products, rounding, a choice, a balance that carries over, a minimum."""
    rows: dict[str, Any] = {}
    for number in range(DRIVERS):
        driver = f"driver_{number}"
        rows |= {
            f"volume_{number}": _input("tickets", driver, 20_000 + 500 * number, "0.7", "1.2"),
            f"share_{number}": _input("percent", driver, "0.12", "0.5", "1.5"),
            f"minutes_{number}": _input("number", driver, 12, "0.8", "1.5"),
            f"wage_{number}": {"label": "Wage", "unit": "USD/ticket", "driver": driver, "values": 40 + number},
            f"fee_{number}": {"label": "Fee", "unit": "USD/ticket", "driver": driver, "values": 90},
            f"ramp_{number}": {"label": "Adoption", "unit": "percent", "driver": driver, "values": list(ADOPTION)},
            f"reach_{number}": _formula("tickets", driver, f"volume_{number} * ramp_{number}"),
            f"gross_{number}": _formula(
                "USD", driver, f"reach_{number} * share_{number} * minutes_{number} / 60 * wage_{number}", round=0
            ),
            f"lasting_{number}": _formula("USD", driver, f"previous(lasting_{number}, 0) * 0.2 + gross_{number}"),
            f"counted_{number}": _formula(
                "USD",
                driver,
                f"if(lasting_{number} > 20000, lasting_{number}, lasting_{number} * 0.5)",
                role="benefit",
                risk_adjustment="0.2",
            ),
            f"licence_{number}": _formula("USD", driver, f"max(reach_{number} / 400 * fee_{number}, 5000)", role="cost"),
        }
    return _document(rows, ["y1", "y2", "y3", "y4", "y5"], "none")


def twenty_drivers() -> ModelDocument:
    """Twenty drivers of four ranged inputs, a start and three years."""
    rows: dict[str, Any] = {"growth": {"label": "Growth", "unit": "percent", "values": [0, 1, "1.05", "1.1"]}}
    for number in range(DRIVERS):
        driver = f"driver_{number}"
        rows |= {
            f"volume_{number}": _input("tickets", driver, 3_000 + 100 * number, "0.7", "1.2"),
            f"share_{number}": _input("percent", driver, "0.15", "0.5", "1.5"),
            f"value_{number}": _input("USD/ticket", driver, 45 + number, "0.8", "1.1"),
            f"setup_{number}": _input("USD", driver, 10_000, "0.9", "1.6", only_first=True) | {"role": "cost"},
            f"yearly_{number}": {
                "label": "Licence",
                "unit": "USD",
                "driver": driver,
                "role": "cost",
                "values": [0, 12_000, 12_000, 12_000],
            },
            f"saved_{number}": _formula(
                "USD",
                driver,
                f"volume_{number} * share_{number} * value_{number} * growth",
                round=0,
                risk_adjustment="0.15",
                role="benefit",
            ),
        }
    return _document(rows, ["initial", "y1", "y2", "y3"], "undiscounted")


def ranges(document: ModelDocument) -> dict[str, Spread]:
    """Low, most likely and high of every ranged input."""
    found: dict[str, Spread] = {}
    for row in document.rows:
        if row.low and row.values and row.high:
            found[row.key] = (float(max(row.low)), float(max(row.values)), float(max(row.high)))
    return found


def _input(unit: str, driver: str, base: Any, low: str, high: str, *, only_first: bool = False) -> dict[str, Any]:
    """An input with a label of its own: inputs of one label and one range would be one assumption."""
    figures = {name: Decimal(base) * Decimal(share) for name, share in (("values", "1"), ("low", low), ("high", high))}
    spread = {name: [figure, 0, 0, 0] if only_first else figure for name, figure in figures.items()}
    return {"label": f"{unit} of {driver}, {base}", "unit": unit, "driver": driver, **spread}


def _formula(unit: str, driver: str, formula: str, **more: Any) -> dict[str, Any]:
    return {"label": "Computed", "unit": unit, "driver": driver, "formula": formula, **more}


def _document(rows: dict[str, Any], periods: list[str], initial_period: str) -> ModelDocument:
    drivers = {f"driver_{number}": {"label": f"Driver {number}", "impact": "cost"} for number in range(DRIVERS)}
    return ModelDocument.model_validate(
        {
            "id": "bench",
            "title": "Made up, to be measured",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1", "initial_period": initial_period},
            "periods": periods,
            "drivers": drivers,
            "rows": rows,
        }
    )
