"""Formulas: a small language of our own over rows and periods.

Names, numbers, percent literals, ``+ - * / ^``, comparison, ``and or not``, and the functions of ``formulas.functions``.
``docs/models.md`` is the reference. A formula's text becomes a tree (``parser``, ``nodes``), and the tree Python code
(``python_code``), vectors (``vector_code``) or cells (``spreadsheet_text``).
"""

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import Formula, compile_formula

__all__ = ["Formula", "FormulaError", "compile_formula"]
