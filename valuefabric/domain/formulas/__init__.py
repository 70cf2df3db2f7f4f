"""Formulas: a small language of our own over rows and periods.

Names, numbers, percent literals, ``+ - * / ^``, comparison, ``and or not``, ``if``, ``min``, ``max``, ``sum``,
``previous(row, default)`` and ``round``. ``docs/model-format.md`` is the reference.
"""

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import Formula, compile_formula

__all__ = ["Formula", "FormulaError", "compile_formula"]
