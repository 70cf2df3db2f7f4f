"""Writing formulas of our grammar: pieces of text that know how strongly they bind, so that parentheses stand where needed."""

from dataclasses import dataclass
from decimal import Decimal

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(9)


@dataclass(frozen=True, slots=True)
class Piece:
    """``condition`` for a yes or no, which counts as 1 or 0 only when it is asked to."""

    text: str
    strength: int = ATOM
    condition: bool = False

    def within(self, strength: int) -> str:
        """The text, in parentheses where it binds weaker."""
        return self.text if self.strength >= strength else f"({self.text})"


def number(value: Decimal) -> Piece:
    """A number written out; a negative one is a sign and a number."""
    text = f"{abs(value):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Piece(f"-{text}", SIGN) if value < 0 else Piece(text)


ZERO = number(Decimal(0))


def joined(left: Piece, operator: str, right: Piece) -> Piece:
    """Two quantities and ``+ - * / ^`` or a comparison between them."""
    left, right = quantity(left), quantity(right)
    if operator == "^":
        return Piece(f"{left.within(ATOM)} ^ {right.within(ATOM)}", POWER)
    if operator in "*/":
        return Piece(f"{left.within(PRODUCT)} {operator} {right.within(SIGN)}", PRODUCT)
    if operator in "+-":
        return Piece(f"{left.within(SUM)} {operator} {right.within(PRODUCT)}", SUM)
    return Piece(f"{left.within(SUM)} {operator} {right.within(SUM)}", COMPARISON, condition=True)


def negative(operand: Piece) -> Piece:
    """Minus something; a spreadsheet's sign binds stronger than its power, ours does not."""
    return Piece(f"-{quantity(operand).within(ATOM)}", SIGN)


def call(function: str, *arguments: Piece) -> Piece:
    """A function of quantities."""
    return Piece(f"{function}({', '.join(quantity(argument).text for argument in arguments)})")


def choice(condition: Piece, yes: Piece, no: Piece) -> Piece:
    """``if(condition, yes, no)``."""
    return Piece(f"if({truth(condition).text}, {quantity(yes).text}, {quantity(no).text})")


def truth(piece: Piece) -> Piece:
    """A condition; a number holds when it is not zero."""
    return piece if piece.condition else Piece(f"{piece.within(SUM)} <> 0", COMPARISON, condition=True)


def quantity(piece: Piece) -> Piece:
    """A number; a condition that holds is 1."""
    return Piece(f"if({piece.text}, 1, 0)") if piece.condition else piece


def both(operator: str, left: Piece, right: Piece) -> Piece:
    """Two conditions with ``and`` or ``or``."""
    strength = AND if operator == "and" else OR
    left, right = truth(left), truth(right)
    return Piece(f"{left.within(strength)} {operator} {right.within(strength + 1)}", strength, condition=True)


def opposite(operand: Piece) -> Piece:
    """``not`` a condition."""
    return Piece(f"not {truth(operand).within(NOT)}", NOT, condition=True)
