"""What can be written in a formula, told from the registry of functions: for the sheet's help and for the API."""

from valuefabric.domain.formulas.functions import FUNCTIONS


def function_help() -> list[dict[str, str]]:
    """Name, signature, summary and an example of each function, by name."""
    return [
        {"name": spec.name, "signature": spec.signature, "summary": spec.summary, "example": spec.example}
        for _name, spec in sorted(FUNCTIONS.items())
    ]
