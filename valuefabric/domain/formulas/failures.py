"""What went wrong in a computation, in words for whoever wrote the formula."""

from decimal import DecimalException, Overflow


def explained(error: ArithmeticError) -> str:
    """What ``error`` means and what to do about it."""
    if isinstance(error, Overflow):
        return "the result is too large to be a business figure (10^61 and above); check the factors"
    if isinstance(error, DecimalException):
        return "division by zero; guard it: if(b = 0, 0, a / b)"
    return str(error)
