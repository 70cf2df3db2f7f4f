"""Stored model versions as documents and computations, and the measures that are kept beside them."""

import marshal
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from valuefabric.domain.model import Computation, ModelDocument, compute
from valuefabric.domain.model.computation import DriverResult, Scenario
from valuefabric.domain.model.kept import DOCUMENTS
from valuefabric.models import ModelVersion

# The last of marshal's formats that writes equal values as equal bytes.
_WITHOUT_REFERENCES = 2


def document_of(version: ModelVersion) -> ModelDocument:
    """The version's document, checked again: what the engine gets is never merely what lay in a column.

    Of the last few the very same object is given as long as the column says the same, so that what was made of it is found again.
    """
    return _read(marshal.dumps(version.document, _WITHOUT_REFERENCES))


@lru_cache(maxsize=DOCUMENTS)
def _read(plain: bytes) -> ModelDocument:
    return ModelDocument.model_validate(marshal.loads(plain))  # noqa: S302 -- written a moment ago by the only caller


def document_plain(document: ModelDocument) -> dict[str, Any]:
    """The document as JSON-ready values, decimals as their digits; ``document_of`` reads the same document back."""
    return document.model_dump(mode="json")


def computation_of(version: ModelVersion, scenario: Scenario = "base") -> Computation:
    """The version, computed."""
    return compute(document_of(version), scenario=scenario)


def measures_of(document: ModelDocument) -> dict[str, Any]:
    """The measures of the base scenario, of each driver, and the present values of low and high; decimals as text.

    Raises FormulaError for a model that cannot be computed in each of its scenarios.
    """
    base = compute(document)
    return {
        "currency": document.currency,
        **_plain(base),
        "payback_text": base.measures.payback_text,
        "payback_months": _text(base.measures.payback_months),
        "irr": _text(base.measures.irr),
        "drivers": [_driver(driver) for driver in base.drivers],
        "low": _plain(compute(document, scenario="low")),
        "high": _plain(compute(document, scenario="high")),
    }


def computation_plain(computation: Computation) -> dict[str, Any]:
    """A computation as JSON-ready values, decimals as text; ``displayed`` differs from ``values`` by display rounding only."""
    return {
        "scenario": computation.scenario,
        "periods": list(computation.periods),
        "rows": [
            {
                "key": row.key,
                "label": row.label,
                "unit": row.unit,
                "values": [str(value) for value in row.values],
                "displayed": [str(value) for value in row.displayed],
            }
            for row in computation.rows.values()
        ],
        "drivers": [{**_driver(driver), "values": [str(value) for value in driver.values]} for driver in computation.drivers],
        "measures": {
            name: [str(one) for one in value] if isinstance(value, tuple) else _text(value)
            for name, value in asdict(computation.measures).items()
        },
    }


def _driver(driver: DriverResult) -> dict[str, Any]:
    return {
        "key": driver.key,
        "label": driver.label,
        "impact": driver.impact,
        "counted": driver.counted,
        "measured": driver.measured,
        "total": str(driver.total),
        "pv": str(driver.pv),
    }


def _plain(computation: Computation) -> dict[str, Any]:
    names = ("total_benefits", "total_costs", "pv_benefits", "pv_costs", "npv", "roi_pct")
    return {name: _text(getattr(computation.measures, name)) for name in names}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
