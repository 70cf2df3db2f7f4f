"""Conformance: do our functions answer as the spreadsheets do? Formulas of workbooks beside the results saved with them.

``docs/finance-conformance.md`` says what is compared and how. Nothing in a workbook is run; what our grammar does not have is
counted by reason.
"""

from valuefabric.domain.conformance.check import CheckedCell, CheckedWorkbook, check_workbook

__all__ = ["CheckedCell", "CheckedWorkbook", "check_workbook"]
