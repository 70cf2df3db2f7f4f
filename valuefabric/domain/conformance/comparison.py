"""When a saved result and ours are the same.

Numbers are equal when they differ by at most 1e-9 of the larger one, or by at most 1e-12 of the largest figure that the formula
reads: spreadsheets count with 15 digits, so where large figures cancel, what is left is their rounding. Where a rate is searched
for (IRR, XIRR), they may differ by 1e-8, the 0.000001 % to which the vendors promise XIRR; Microsoft's printed example is 1.5e-9
off. Yes and no count 1 and 0. Errors are equal when their codes are.

LibreOffice has errors that an XLSX file cannot hold, and writes others in their place: Err:502 (an argument that is not
valid) as ``#VALUE!``, Err:503 as ``#NUM!``, Err:523 (a search that does not converge) as ``#N/A``. In its files, those stand for
each other.
"""

from decimal import Context, Decimal

from valuefabric.domain.conformance.values import CellError, Value

RELATIVE = Decimal("1e-9")
OF_LARGEST = Decimal("1e-12")
OF_SEARCH = Decimal("1e-8")
_WIDE = Context(prec=60, Emax=9999, Emin=-9999)
_STANDING_IN = frozenset({"#NUM!", "#VALUE!", "#DIV/0!", "#N/A"})


def equal(saved: Value, ours: Decimal | bool | CellError, largest: Decimal, program: str, *, searched: bool = False) -> bool:
    """Whether the ``program``'s saved result is ours; ``largest`` is the largest figure that the formula reads, ``searched``
    whether it asks for a rate that is searched for."""
    if isinstance(saved, CellError) or isinstance(ours, CellError):
        return isinstance(saved, CellError) and isinstance(ours, CellError) and _same_error(saved, ours, program)
    difference = difference_of(saved, ours)
    if difference is None:
        return False
    size = max(abs(Decimal(saved)), abs(Decimal(ours)))
    bounds = [_WIDE.multiply(size, RELATIVE), _WIDE.multiply(largest, OF_LARGEST), OF_SEARCH * searched]
    return abs(difference) <= max(bounds)


def difference_of(saved: Value, ours: Decimal | bool | CellError) -> Decimal | None:
    """Ours less the saved one; None where one of them is no number."""
    if isinstance(saved, str | CellError) or isinstance(ours, CellError):
        return None
    return _WIDE.subtract(Decimal(ours), Decimal(saved))


def gave_up(saved: Value, program: str) -> bool:
    """Whether the saved result is what ``program`` writes when its search for a rate does not arrive."""
    return isinstance(saved, CellError) and saved.code in (_STANDING_IN if _is_libreoffice(program) else {"#NUM!"})


def _same_error(saved: CellError, ours: CellError, program: str) -> bool:
    return saved.code == ours.code or (_is_libreoffice(program) and {saved.code, ours.code} <= _STANDING_IN)


def _is_libreoffice(program: str) -> bool:
    return program.startswith("LibreOffice")
