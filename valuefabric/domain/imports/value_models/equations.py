"""The standard's equations, which are JavaScript expressions over variables, in our grammar.

Only arithmetic, comparison, choice and a few functions of Math are expressions of numbers; everything else is refused by name,
and nothing is ever run."""

import re
from collections.abc import Mapping
from decimal import Decimal

from valuefabric.domain.formulas.limits import MAX_DEPTH
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.texts import Piece

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?)(?![\w.])"
    r"|(?P<name>Math\.[A-Za-z]+|[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|===|!==|==|!=|<=|>=|&&|\|\||[-+*/()<>?:,!]))"
)
_MOST_TOKENS = 600
_BINARY: Mapping[str, tuple[int, str]] = {
    "||": (1, "or"), "&&": (2, "and"), "==": (3, "="), "===": (3, "="), "!=": (3, "<>"), "!==": (3, "<>"), "<": (4, "<"),
    "<=": (4, "<="), ">": (4, ">"), ">=": (4, ">="), "+": (5, "+"), "-": (5, "-"), "*": (6, "*"), "/": (6, "/"), "**": (7, "^"),
}  # fmt: skip
_MATH = {"Math.min": "min", "Math.max": "max", "Math.abs": "abs"}


class EquationError(ValueError):
    """An equation that our grammar does not have; says what in it."""


def translated(equation: str, keys: Mapping[str, str]) -> Piece:
    """``equation`` with the standard's names replaced by our rows' ``keys``; raises EquationError."""
    return texts.quantity(_Equation(equation, keys).whole())


def names_in(equation: str) -> set[str]:
    """The variables that an equation names."""
    return {match["name"] for match in _TOKEN.finditer(equation) if match["name"] and not match["name"].startswith("Math.")}


class _Equation:
    def __init__(self, text: str, keys: Mapping[str, str]) -> None:
        self._tokens = _tokens(text)
        self._keys = keys
        self._at = self._depth = 0

    def whole(self) -> Piece:
        found = self._choice()
        if self._at < len(self._tokens):
            raise EquationError(f"{self._tokens[self._at][1]!r} is not expected there")
        return found

    def _choice(self) -> Piece:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise EquationError(f"more than {MAX_DEPTH} levels inside each other")
        condition = self._binary(1)
        if self._take("?"):
            yes = self._choice()
            self._expect(":")
            condition = texts.choice(condition, yes, self._choice())
        self._depth -= 1
        return condition

    def _binary(self, weakest: int) -> Piece:
        left = self._unary()
        while self._next in _BINARY and _BINARY[self._next][0] >= weakest:
            strength, sign = _BINARY[self._next]
            self._at += 1
            right = self._binary(strength + (sign != "^"))
            left = texts.both(sign, left, right) if sign in {"and", "or"} else texts.joined(left, sign, right)
        return left

    def _unary(self) -> Piece:
        signs = []
        while self._next in {"-", "+", "!"}:
            signs.append(self._next)
            self._at += 1
            if len(signs) > MAX_DEPTH:
                raise EquationError(f"more than {MAX_DEPTH} signs in a row")
        found = self._atom()
        for sign in reversed(signs):
            if sign != "+":
                found = texts.negative(found) if sign == "-" else texts.opposite(found)
        return found

    def _atom(self) -> Piece:
        if self._at >= len(self._tokens):
            raise EquationError("it ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return texts.number(Decimal(text))
        if kind == "name":
            return self._named(text)
        if text == "(":
            inner = self._choice()
            self._expect(")")
            return Piece(inner.text, inner.strength, inner.condition)
        raise EquationError(f"{text!r} is not expected there")

    def _named(self, name: str) -> Piece:
        if not name.startswith("Math."):
            if self._next == "(":
                raise EquationError(f"it calls {name}(), which is no function of numbers")
            if name not in self._keys:
                raise EquationError(f"it names {name}, which is no variable of the model")
            return Piece(self._keys[name])
        self._expect("(")
        arguments = [] if self._next == ")" else [self._choice()]
        while self._take(","):
            arguments.append(self._choice())
        self._expect(")")
        return self._of_math(name, arguments)

    def _of_math(self, name: str, arguments: list[Piece]) -> Piece:
        if name in _MATH and len(arguments) == 1 and name != "Math.abs":
            return arguments[0]
        if name in _MATH and (len(arguments) > 1) == (name != "Math.abs"):
            return texts.call(_MATH[name], *arguments)
        if name == "Math.pow" and len(arguments) == 2:
            return texts.joined(arguments[0], "^", arguments[1])
        if name == "Math.sqrt" and len(arguments) == 1:
            return texts.joined(arguments[0], "^", texts.number(Decimal("0.5")))
        if name in {"Math.floor", "Math.ceil"} and len(arguments) == 1:
            value = arguments[0]
            down, up = (texts.call(one, value, texts.ZERO) for one in ("rounddown", "roundup"))
            above = texts.joined(value, ">=", texts.ZERO)
            return texts.choice(above, down, up) if name == "Math.floor" else texts.choice(above, up, down)
        if name == "Math.round" and len(arguments) == 1:
            return texts.call("round", arguments[0], texts.ZERO)
        raise EquationError(f"it calls {name} with {len(arguments)} arguments, which our grammar does not have")

    @property
    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, text: str) -> bool:
        found = self._next == text
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise EquationError(f"{text!r} is missing" if not self._next else f"{self._next!r} is not expected there")


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, text = 0, text.rstrip().removesuffix(";").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise EquationError(f"{text[at:].lstrip()[:1]!r} is not part of an equation of numbers")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
        if len(found) > _MOST_TOKENS:
            raise EquationError(f"more than {_MOST_TOKENS} terms and signs")
    return found
