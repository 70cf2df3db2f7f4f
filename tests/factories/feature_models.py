"""Random models that use what a document says beside its formulas, for property tests of lowering and its back ends."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from valuefabric.domain.model import ModelDocument, compute

RATES = {"EUR": {"rate": "1.1498", "source": "treasury, March 2026"}, "GBP": {"rate": "1.3242", "source": "treasury, March 2026"}}

shares = st.integers(0, 100).map(lambda value: f"{value}%")
money = st.decimals("0", "100000", places=2)

# A strategy is worked out at its first draw, which takes longer than the draw: each is made once.


@lru_cache
def phases(months: int) -> st.SearchStrategy[dict[str, Any]]:
    """A phase of any shape, over months or periods."""
    common = {
        "start": st.integers(1, 3 * months),
        "unit": st.sampled_from(["months", "periods"]),
        "at": st.sampled_from(["average", "end"]),
    }
    return st.one_of(
        st.fixed_dictionaries({**common, "shape": st.sampled_from(["linear", "s_curve"]), "over": st.integers(1, 2 * months)}),
        st.fixed_dictionaries({**common, "shape": st.just("step")}),
        st.fixed_dictionaries({**common, "shape": st.just("custom"), "shares": st.lists(shares, min_size=1, max_size=6)}),
    )


@lru_cache
def features(periods: tuple[str, ...], months: int) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the entries that change a row on its way into the number."""
    timing = st.one_of(
        st.builds(lambda period: {"once": period}, st.sampled_from(periods)),
        st.builds(lambda every: {"every": every}, st.integers(1, 3)),
    )
    escalation = st.fixed_dictionaries(
        {"rate": st.one_of(st.just("growth"), st.integers(-20, 30).map(lambda value: f"{value}%"))},
        optional={"since": st.sampled_from(periods), "steps": st.sampled_from(["period", "yearly"])},
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "escalation": escalation,
            "timing": timing,
            "phase_in": phases(months),
            "phase_out": phases(months),
            "attribution": st.one_of(st.just("ours"), shares),
            "probability": shares,
            "outside_contract": st.booleans(),
            "risk_adjustment": st.integers(0, 50).map(lambda value: f"{value}%"),
            "round": st.integers(0, 2),
        },
    )


@st.composite
def feature_models(draw: st.DrawFn) -> ModelDocument:
    """A model of two to four benefits and a cost or two, each with some of the features, in any convention of time."""
    months = draw(st.sampled_from([1, 3, 12]))
    periods = tuple(f"p{number}" for number in range(draw(st.integers(2, 6))))
    figures = _lists(money, len(periods))
    rows: dict[str, dict[str, Any]] = {
        "growth": {"unit": "percent", "values": "4%", "low": "1%", "high": "6%"},
        "ours": {"unit": "percent", "values": "60%", "low": "40%", "high": "70%"},
        "budget": {"unit": "USD", "values": draw(figures)},
        "hours": {"unit": "hours", "values": draw(_lists(_hours, len(periods)))},
        "wage": {"unit": "USD/hour", "values": "45.5", "low": 40, "high": 50},
    }
    benefits = tuple(f"gain{number}" for number in range(draw(st.integers(2, 4))))
    for key in benefits:
        rows[key] = {**_origin(draw, figures), **draw(features(periods, months)), "role": "benefit", "driver": draw(_drivers)}
    for key in draw(st.sampled_from([("spent",), ("spent", "fee")])):
        rows[key] = {**_origin(draw, figures), **draw(features(periods, months)), "role": "cost"}
    return ModelDocument.model_validate(
        {
            "id": "random",
            "title": "random",
            "currency": "USD",
            "conventions": draw(_conventions(months)),
            "periods": periods,
            "timeline": draw(_timelines(months)),
            "rates": RATES,
            "drivers": {
                "sales": {"label": "Sales", "impact": "revenue", **draw(_driver_phases(months))},
                "support": {"label": "Support", "impact": "cost"},
            },
            "rows": {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()},
            "overlaps": draw(_overlaps(benefits)),
            "benefits_at": draw(st.sampled_from([None, "50%", "85%"])),
        }
    )


_drivers = st.sampled_from(["sales", "support", None])
_hours = st.integers(0, 500)


@lru_cache
def _lists(figure: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(figure, min_size=size, max_size=size)


def _origin(draw: st.DrawFn, figures: st.SearchStrategy[list[Decimal]]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["values", "formula", "converted"]))
    if kind == "formula":
        return {"formula": draw(st.sampled_from(["hours * wage", "budget * 40% + 10", "previous(budget, 100) * 2"]))}
    given: dict[str, Any] = {"values": draw(figures)}
    return given if kind == "values" else {**given, "convert": draw(st.sampled_from(sorted(RATES)))}


@lru_cache
def _conventions(months: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "discount_rate": st.sampled_from(["0.08", "0.1"]),
            "months_per_period": st.just(months),
            "discounting": st.sampled_from(["year_end", "mid_year"]),
            "initial_period": st.sampled_from(["none", "undiscounted"]),
        }
    )


@lru_cache
def _timelines(months: int) -> st.SearchStrategy[dict[str, Any] | None]:
    contract = st.fixed_dictionaries({"months": st.integers(1, 5 * months)}, optional={"first_month": st.integers(1, 2 * months)})
    return st.one_of(st.none(), st.fixed_dictionaries({"start": st.just("2026-02")}, optional={"contract": contract}))


@lru_cache
def _driver_phases(months: int) -> st.SearchStrategy[Mapping[str, Any]]:
    return st.fixed_dictionaries({}, optional={"phase_in": phases(months), "phase_out": phases(months)})


@lru_cache
def _overlaps(benefits: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    groups = st.sampled_from([pair for size in range(2, len(benefits) + 1) for pair in combinations(benefits, size)])
    rules = st.sampled_from([{"rule": "largest"}, {"rule": "share"}, {"rule": "cap", "cap": "budget"}])
    one = st.builds(lambda rows, rule: {"all": {"rows": rows, **rule}}, groups, rules)
    return st.one_of(st.just({}), one)


def has_ties(document: ModelDocument) -> bool:
    """Whether a last binary digit may decide a figure of the model: something is rounded, or compared, where it is a tie."""
    computed = compute(document)
    for overlap in document.overlaps:
        for first, second in combinations(overlap.rows, 2):
            pairs = zip(computed.rows[first].values, computed.rows[second].values, strict=True)
            if any(one and abs(one - other) <= abs(one) * Decimal("1e-9") for one, other in pairs):
                return True
    return _at_half(document)


def _at_half(document: ModelDocument) -> bool:
    """Whether a figure lies where its rounding turns over. No row of these models is made of one that is rounded, so all can be
    looked at in one computation without any rounding."""
    rounded = {row.key: row.round for row in document.rows if row.round is not None}
    if not rounded:
        return False
    plain = {"round": None, "risk_adjustment": None}
    rows = tuple(row.model_copy(update=plain) if row.key in rounded else row for row in document.rows)
    computed = compute(document.model_copy(update={"rows": rows})).rows
    scaled = [value.scaleb(decimals) for key, decimals in rounded.items() for value in computed[key].values]
    return any(abs(abs(value) % 1 - Decimal("0.5")) < Decimal("1e-6") for value in scaled)
