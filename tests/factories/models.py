"""Large models for tests of speed and of the sheet."""

from typing import Any

from valuefabric.domain.model import ModelDocument


def large_document(rows: int = 200, periods: int = 5) -> ModelDocument:
    """Half of the rows are given with ranges, half are computed, each from two inputs and the row above it."""
    half = rows // 2
    inputs: list[dict[str, Any]] = [
        {
            "key": f"in{n}",
            "label": f"Input {n}",
            "unit": "USD",
            "driver": "d",
            "values": [str(1000 + n)],
            "low": ["1"],
            "high": ["99999"],
        }
        for n in range(half)
    ]
    computed: list[dict[str, Any]] = [
        {
            "key": f"c{n}",
            "label": f"Computed {n}",
            "unit": "USD",
            "driver": "d",
            "role": "benefit" if n % 10 == 0 else None,
            "formula": f"in{n} * 1.1 + in{(n + 1) % half}" + (f" + previous(c{n - 1}, 0) * 0.01 + c{n - 1} * 0.001" if n else ""),
            "round": 2,
        }
        for n in range(half)
    ]
    return ModelDocument.model_validate(
        {
            "id": "large",
            "title": "Large",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": [f"y{n + 1}" for n in range(periods)],
            "drivers": [{"key": "d", "label": "Driver", "impact": "revenue"}],
            "rows": [*inputs, *computed],
        }
    )
