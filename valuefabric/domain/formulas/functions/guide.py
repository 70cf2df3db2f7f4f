"""The functions as a chapter of ``docs/models.md``, written from the registry so that the two cannot differ."""

from collections.abc import Iterator
from itertools import groupby

from valuefabric.domain.formulas.functions.registry import FUNCTIONS
from valuefabric.domain.formulas.functions.spec import FunctionSpec

BEGIN = "<!-- functions: written by `manage.py model functions --update docs/models.md` -->"
END = "<!-- end of functions -->"


def functions_chapter() -> str:
    """Markdown: family by family, each function with its definition, arguments, source and an example."""
    families = groupby(FUNCTIONS.values(), key=lambda function: function.family)
    return "\n\n".join(f"### {family}\n\n" + "\n\n".join(map(_entry, functions)) for family, functions in families)


def with_functions(text: str) -> str:
    """``text`` with the present chapter between its marks; raises ValueError when it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the marks {BEGIN} and {END} are missing; put them around the place of the functions")
    return f"{before}{BEGIN}\n\n{functions_chapter()}\n\n{END}{after}"


def _entry(function: FunctionSpec) -> str:
    return "\n".join([f"**`{function.signature}`** {function.summary}", "", *_facts(function)])


def _facts(function: FunctionSpec) -> Iterator[str]:
    yield f"- Definition: {function.definition}"
    for parameter in function.parameters:
        yield f"- `{parameter.name}`: {parameter.meaning}."
    yield f"- Source: {function.source}. Example: `{function.example}`"
