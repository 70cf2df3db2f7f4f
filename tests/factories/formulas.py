"""Random formulas over three rows and three periods, for property tests of the engine and of the workbook."""

from decimal import Decimal

from hypothesis import strategies as st

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
