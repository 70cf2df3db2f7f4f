"""The parser: precedence climbing over the tokens, into the nodes.

From weakest to strongest: ``or``, ``and``, ``not``, comparison (one only), ``+ -``, ``* /``, unary minus, ``^``. So
``-2^2`` is -4, as in mathematics. A power in an exponent is refused, not nested.

A name with a parenthesis behind it is a function, and a row everywhere else, so a row may be called ``first`` or ``npv``.
"""

from collections.abc import Callable
from typing import cast

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.function_nodes import Application, raised
from valuefabric.domain.formulas.functions import FUNCTIONS
from valuefabric.domain.formulas.limits import MAX_DEPTH, MAX_LEVELS, MAX_NODES
from valuefabric.domain.formulas.nodes import (
    Arithmetic,
    ArithmeticOperator,
    Call,
    Comparison,
    ComparisonOperator,
    Expression,
    Logical,
    Lookup,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    children,
    walk,
)
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.formulas.tokens import Token, tokenize

# Words that no row may have as its key. Functions that came later are not among them: models had such rows by then.
_FIRST_FUNCTIONS = frozenset({"if", "max", "min", "previous", "round", "sum"})
RESERVED = _FIRST_FUNCTIONS | {"and", "or", "not", "lambda"}
# How many functions of a spreadsheet a node takes, where that is not one.
_LEVELS = {**dict.fromkeys((Number, Name, Negative, Arithmetic, Comparison, Previous), 0), Lookup: 3, Call: 3}
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def parse(text: str, *, row: str) -> Expression:
    """The tree of ``text``; raises FormulaError with the position of what is wrong."""
    if not text.strip():
        raise FormulaError("the formula is empty; write one, or give the row values", row)
    return _Parser(tokenize(text, row=row), row).whole()


class _Parser:
    def __init__(self, tokens: tuple[Token, ...], row: str) -> None:
        self._tokens = tokens
        self._row = row
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        tree = self._disjunction()
        if self._next.kind != "end":
            raise self._unexpected()
        if sum(1 for _ in walk(tree)) > MAX_NODES:
            raise FormulaError(f"the formula has more than {MAX_NODES} parts; split it over several rows", self._row)
        self._check_levels(tree)
        return tree

    def _check_levels(self, tree: Expression) -> None:
        """A chain of ``and`` nests in a cell, where it has to stop at the first condition that decides."""
        waiting = [(tree, 0)]
        while waiting:
            node, levels = waiting.pop()
            levels += _LEVELS.get(type(node), 1)
            if levels > MAX_LEVELS:
                message = (
                    f"more than {MAX_LEVELS} functions and conditions inside each other; split the formula over several rows"
                )
                raise FormulaError(message, self._row, node.position)
            waiting += [(part, levels) for part in children(node)]

    # The ladder of precedence, weakest first.

    def _disjunction(self) -> Expression:
        left = self._conjunction()
        while token := self._take("or"):
            left = Logical(token.position, "or", left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        left = self._inversion()
        while token := self._take("and"):
            left = Logical(token.position, "and", left, self._inversion())
        return left

    def _inversion(self) -> Expression:
        if token := self._take("not"):
            return self._nested(lambda: Not(token.position, self._inversion()))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        if token := self._take(*_COMPARISONS):
            left = Comparison(token.position, cast("ComparisonOperator", token.text), left, self._sum())
            if self._next.text in _COMPARISONS:
                raise self._error("compare two things at a time: a < b and b < c")
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while token := self._take("+", "-"):
            left = Arithmetic(token.position, cast("ArithmeticOperator", token.text), left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while token := self._take("*", "/"):
            left = Arithmetic(token.position, cast("ArithmeticOperator", token.text), left, self._signed())
        return left

    def _signed(self) -> Expression:
        if token := self._take("-"):
            return self._nested(lambda: Negative(token.position, self._signed()))
        return self._power()

    def _power(self) -> Expression:
        base = self._atom()
        token = self._take("^")
        if token is None:
            return base
        exponent = self._exponent()
        if self._next.text == "^":
            raise FormulaError("a power inside an exponent is refused; give it a row of its own", self._row, token.position)
        return raised(base, exponent, token.position, self._row)

    def _exponent(self) -> Expression:
        sign = self._take("-")
        exponent = self._atom()
        return Negative(sign.position, exponent) if sign else exponent

    # What stands between the operators.

    def _atom(self) -> Expression:
        token = self._next
        if token.kind in {"number", "percent"}:
            self._at += 1
            return Number(token.position, token.value, percent=token.kind == "percent")
        if token.kind == "name" and token.text not in {"and", "or", "not"}:
            self._at += 1
            return self._call(token) if self._next.text == "(" else self._name(token)
        if self._take("("):
            inner = self._nested(self._disjunction)
            self._expect(")", "a parenthesis is not closed")
            return inner
        raise self._unexpected()

    def _name(self, token: Token) -> Name:
        if token.text in _FIRST_FUNCTIONS:
            raise FormulaError(f"'{token.text}' is a function: write {token.text}(...)", self._row, token.position)
        return Name(token.position, token.text)

    def _call(self, name: Token) -> Expression:
        function = FUNCTIONS.get(name.text)
        if function is None:
            hint = did_you_mean(name.text, FUNCTIONS)
            message = f"there is no function '{name.text}'{hint}; there are {', '.join(sorted(FUNCTIONS))}"
            raise FormulaError(message, self._row, name.position)
        self._expect("(", "")
        arguments = self._nested(self._arguments)
        self._expect(")", f"the parenthesis of {name.text}( is not closed")
        return Application(function, arguments, self._row, name.position).node()

    def _arguments(self) -> list[Expression]:
        if self._next.text == ")":
            return []
        arguments = [self._disjunction()]
        while self._take(","):
            arguments.append(self._disjunction())
        return arguments

    # Reading tokens.

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> Token | None:
        token = self._next
        if token.kind in {"sign", "name"} and token.text in texts:
            self._at += 1
            return token
        return None

    def _expect(self, text: str, message: str) -> None:
        if self._take(text) is None:
            raise self._error(message) if self._next.kind == "end" else self._unexpected()

    def _nested[T](self, read: Callable[[], T]) -> T:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} levels inside each other; split the formula over several rows")
        found = read()
        self._depth -= 1
        return found

    def _unexpected(self) -> FormulaError:
        if self._next.kind == "end":
            return self._error("the formula ends too early; a value is missing")
        return self._error(f"'{self._next.text}' is not expected here")

    def _error(self, message: str) -> FormulaError:
        return FormulaError(message, self._row, self._next.position)
