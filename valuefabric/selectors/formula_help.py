"""What can be written in a formula, told from the registry of functions: for the sheet's help and for the API."""

from typing import Any

_GRAMMAR = (
    ("if", "if(condition, yes, no)", "One of two values; only the branch taken is computed."),
    ("max", "max(a, b, ...)", "The largest of two or more values of the same period."),
    ("min", "min(a, b, ...)", "The smallest of two or more values of the same period."),
    ("previous", "previous(row, default)", "The row's value in the period before; the default in the first."),
    ("round", "round(x, decimals)", "Rounded to the nearest, halves away from zero."),
    ("sum", "sum(a, b, ...)", "Two or more values of the same period together."),
)


def function_help() -> list[dict[str, Any]]:
    """Name, signature and summary of each function, by name."""
    return [{"name": name, "signature": signature, "summary": summary} for name, signature, summary in _GRAMMAR]
