"""A sheet that takes formulas as they stand: to look into each for thirty functions was a fifth of writing a workbook."""

from typing import Any

from xlsxwriter.worksheet import Worksheet


class FormulaSheet(Worksheet):
    """For formulas of the functions that every spreadsheet program has always known. Newer ones (``XLOOKUP``, ``SORT``) must be
    written with their prefix (``_xlfn.XLOOKUP``), which xlsxwriter otherwise puts before them."""

    def _prepare_formula(self, formula: str, expand_future_functions: Any = None) -> str:
        return formula.removeprefix("=")
