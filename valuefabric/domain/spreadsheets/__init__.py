"""Spreadsheets as other people's programs write them: cells, addresses, and the formulas in their own language.

Read once, for whoever compares, imports or checks workbooks. Nothing here knows models; nothing is ever calculated.
"""

from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula

__all__ = ["SpreadsheetFormulaError", "read_formula"]
