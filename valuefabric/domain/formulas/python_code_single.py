"""The code of one formula alone: its names are the arguments of a function."""

import ast
from collections.abc import Sequence
from typing import NoReturn

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER, Call, Lookup, Name, Previous, Running, Series
from valuefabric.domain.formulas.python_code_writer import Writer, load
from valuefabric.domain.formulas.suggestions import did_you_mean


class SingleWriter(Writer):
    """Variables are ``a0``, ``a1`` ... in the order of ``names``."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._variables = {name: f"a{index}" for index, name in enumerate(names)}

    def name(self, node: Name) -> ast.expr:
        if node.key not in self._variables:
            hint = did_you_mean(node.key, self._variables)
            raise FormulaError(f"there is no variable '{node.key}'{hint}", position=node.position)
        return load(self._variables[node.key])

    def called(self, node: Call) -> ast.expr:
        if any(isinstance(argument, Name) and argument.key == PERIOD_NUMBER for argument in node.arguments):
            self._refuse(node.function, node.position)
        return super().called(node)

    def lookup(self, node: Lookup) -> ast.expr:
        if node.table is None:
            raise FormulaError("lookup needs a model's tables; a formula alone has none", position=node.position)
        return super().lookup(node)

    def previous(self, node: Previous) -> ast.expr:
        self._refuse("previous", node.position)

    def running(self, node: Running) -> ast.expr:
        self._refuse(node.function, node.position)

    def series(self, node: Series) -> ast.expr:
        self._refuse(node.function, node.position)

    def _refuse(self, function: str, position: int) -> NoReturn:
        raise FormulaError(f"{function} needs a model's periods; a formula alone has none", position=position)
