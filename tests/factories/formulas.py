"""Random formulas over a few rows and three periods, for property tests of the back ends: decimals, vectors, spreadsheets."""

import re
from decimal import Decimal

from hypothesis import strategies as st

from valuefabric.domain.formulas.tables import Table

PERIODS = 3
INPUTS = {
    "a": (Decimal(3), Decimal("0.25"), Decimal(-7)),
    "b": (Decimal(1000000), Decimal(0), Decimal("12.5")),
    "c": (Decimal("0.1"), Decimal("0.333"), Decimal(2)),
}

numbers = st.one_of(
    st.integers(0, 1000).map(str),
    st.decimals("0", "100", places=3).map(lambda value: f"{value:f}"),
    st.integers(0, 100).map(lambda value: f"{value}%"),
)
names = st.sampled_from(sorted(INPUTS))


def quantities(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger formulas out of smaller ones."""
    operators = st.sampled_from("+-*/")
    comparisons = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    condition = st.builds(lambda a, o, b: f"{a} {o} {b}", inner, comparisons, inner)
    condition = st.one_of(
        condition,
        st.builds(lambda a: f"not ({a})", condition),
        st.builds(lambda a, word, b: f"({a}) {word} ({b})", condition, st.sampled_from(["and", "or"]), condition),
    )
    return st.one_of(
        st.builds(lambda a, o, b: f"{a} {o} {b}", inner, operators, inner),
        st.builds(lambda a: f"({a})", inner),
        st.builds(lambda a: f"-({a})", inner),
        st.builds(lambda a, n: f"({a}) ^ {n}", inner, st.integers(0, 4)),
        st.builds(lambda f, a, b: f"{f}({a}, {b})", st.sampled_from(["min", "max", "sum"]), inner, inner),
        st.builds(lambda a, n: f"round({a}, {n})", inner, st.integers(-3, 4)),
        st.builds(lambda k, a: f"previous({k}, {a})", names, inner),
        st.builds(lambda c, a, b: f"if({c}, {a}, {b})", condition, inner, inner),
    )


formulas = st.recursive(st.one_of(numbers, names), quantities, max_leaves=12)


def smooth(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas without jumps and poles: binary and decimal arithmetic agree on them but for the last digits."""
    return st.one_of(
        st.builds(lambda a, o, b: f"{a} {o} {b}", inner, st.sampled_from("+-*"), inner),
        st.builds(lambda a, n: f"({a}) / {n}", inner, st.integers(1, 9)),
        st.builds(lambda a: f"-({a})", inner),
        st.builds(lambda a: f"(-({a})) ^ 2 - -({a}) ^ 2", inner),
        st.builds(lambda f, a, b: f"{f}({a}, {b})", st.sampled_from(["min", "max", "sum"]), inner, inner),
        st.builds(lambda k, a: f"previous({k}, {a})", names, inner),
        st.builds(lambda a, b: f"if(b = 0 or 1 / b > 2 and not c < 0, {a}, {b})", inner, inner),
    )


smooth_formulas = st.recursive(st.one_of(numbers, names), smooth, max_leaves=8)


# Every function of the grammar, over the same inputs, a row of flows and one of days.

FLOW_INPUTS = {
    **INPUTS,
    "flows": (Decimal(-100), Decimal(60), Decimal(70)),
    "days": (Decimal(46023), Decimal(46388), Decimal(46754)),
}
TABLES = {
    "steps": Table(
        key="steps",
        match="at_most",
        keys=("-10", "0", "0.3", "10", "1000"),
        columns={"price": {"values": ("5", "4", "3", "2", "1")}},
    ),
    "codes": Table(
        key="codes",
        keys=("0", "1", "2", "3"),
        columns={"base": {"values": ("0.5", "1.25", "-2", "0")}, "other": {"values": ("1", "2", "3", "4")}},
    ),
}
rows_of_figures = st.sampled_from(sorted(FLOW_INPUTS.keys() - {"days"}))
rates = st.sampled_from(["0%", "0.5%", "8%", "25%", "abs(c)", "abs(c) / 10"])
counts = st.integers(1, 12).map(str)
ramps = st.one_of(
    st.builds(lambda f, s, n: f"{f}({s}, {n})", st.sampled_from(["linear", "s_curve"]), st.integers(-1, 5), counts),
    st.integers(-1, 5).map(lambda start: f"step({start})"),
    st.lists(st.one_of(numbers, names), min_size=1, max_size=4).map(lambda shares: f"custom({', '.join(shares)})"),
)
lookups = st.one_of(
    st.builds(lambda key: f"lookup(steps, {key})", st.sampled_from(["a", "b", "c", "0.3", "b / 2"])),
    st.builds(lambda key, name: f"lookup(codes, {key}, {name})", st.integers(0, 3), st.sampled_from(["base", "other"])),
)
whole_rows = st.one_of(
    st.builds(
        lambda f, k: f"{f}({k})", st.sampled_from(["sum", "min", "max", "average", "cumulative", "first"]), rows_of_figures
    ),
    st.builds(lambda r, k: f"npv({r}, {k})", rates, rows_of_figures),
    st.sampled_from(["irr(flows)", "irr(flows, 20%)", "xirr(flows, days)", "xirr(flows, days, 20%)"]),
    st.builds(lambda f, r: f"mirr(flows, {f}, {r})", rates, rates),
    st.builds(lambda r: f"xnpv({r}, flows, days)", rates),
)


def payments(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Loans and leases."""
    return st.builds(
        lambda f, r, n, a, more: f"{f}({r}, {n}, {a}{more})",
        st.sampled_from(["pmt", "pv", "fv"]),
        rates,
        counts,
        inner,
        st.sampled_from(["", ", 100", ", b", ", -a, 1"]),
    )


def applied(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Functions without jumps, of formulas that have none."""
    return st.one_of(
        st.builds(lambda a, b, c: f"average({a}, {b}, {c})", inner, inner, inner),
        inner.map(lambda a: f"abs({a})"),
        st.builds(lambda a, n: f"power({a}, {n})", inner, st.integers(1, 3)),
        payments(inner),
    )


def jumping(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Functions that jump, and arguments for which they have no answer."""
    return st.one_of(
        st.builds(lambda f, a, n: f"{f}({a}, {n})", st.sampled_from(["roundup", "rounddown"]), inner, st.integers(-3, 4)),
        st.builds(lambda a: f"lookup(steps, {a})", inner),
        st.builds(lambda a: f"lookup(codes, {a}, base)", inner),
        st.builds(lambda r, k: f"npv({r}, {k})", inner, rows_of_figures),
        st.builds(lambda f, k: f"{f}({k}, days)", st.just("xirr"), rows_of_figures),
        st.builds(lambda k: f"irr({k})", rows_of_figures),
        st.builds(lambda r, n, a: f"pmt({r}, {n}, {a})", inner, inner, inner),
    )


_leaves = st.one_of(numbers, rows_of_figures)
_roundings = st.builds(
    lambda f, k, n: f"{f}({k}, {n})", st.sampled_from(["roundup", "rounddown", "round"]), names, st.integers(-2, 2)
)

# All that can be written, errors included: for engines that count in decimals.
all_formulas = st.recursive(
    st.one_of(_leaves, ramps, lookups, whole_rows),
    lambda inner: st.one_of(quantities(inner), applied(inner), jumping(inner)),
    max_leaves=10,
)
# Without jumps and poles, so that binary and decimal arithmetic agree but for the last digits.
all_smooth_formulas = st.recursive(
    st.one_of(_leaves, ramps, lookups, whole_rows, _roundings),
    lambda inner: st.one_of(smooth(inner), applied(inner)),
    max_leaves=8,
)


# Where a name stands that decides on a jump: what is rounded, looked up, or asked of in a condition.
_DECIDING = r"(?P<deciding>\b(?:round|roundup|rounddown|lookup)\([^()]*\)|\bif\([^(),]*,)"
_NAMED = r"(?P<function>\b(previous|sum|average|cumulative|first)\()?\b(?P<name>[abc])\b(?! *\()"


@st.composite
def related_rows(draw: st.DrawFn, formulas: st.SearchStrategy[str] = all_formulas, *, is_binary: bool = False) -> dict[str, str]:
    """Four rows that name inputs and each other: those before them, any row's period before, any row as a whole. Some run in a
    circle, which must be refused.

    Where one side ``is_binary``, jumps stay decided by inputs: a row that is 1 in decimals may be a little less there.
    """
    keys = [f"r{number}" for number in range(4)]
    pattern = f"{_DECIDING}|{_NAMED}" if is_binary else _NAMED
    return {key: _named_anew(draw, draw(formulas), pattern, keys, number) for number, key in enumerate(keys)}


def _named_anew(draw: st.DrawFn, text: str, pattern: str, keys: list[str], number: int) -> str:
    """Some names of inputs replaced by keys of rows, wherever that can be read."""

    def other(found: re.Match[str]) -> str:
        if found["name"] is None:
            return found[0]
        looks_back = found["function"] in {"previous(", "sum(", "average("}
        known = keys if looks_back else keys[:number]
        return f"{found['function'] or ''}{draw(st.sampled_from([found['name'], *known]))}"

    return re.sub(pattern, other, text)
