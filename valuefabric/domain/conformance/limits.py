"""How much of a workbook is read. Workbooks come from anywhere; every limit answers an attack that has a test.

One formula's length and depth, and the elements of a file, are bounded by ``valuefabric.domain.spreadsheets``, which reads them.
"""

from dataclasses import replace

from valuefabric.domain.spreadsheets.limits import BOOK_LIMITS

# A result may be as small or as large as a spreadsheet can hold; it is compared, not used.
WORKBOOK = replace(BOOK_LIMITS, number_exponent=400)

MAX_FORMULAS = 20_000  # formulas in one workbook
MAX_SHAPES = 3_000  # of them, different ones: a formula that is filled down is compiled once
MAX_FIGURES = 1_000  # cells that one range may name
MAX_READ = 200_000  # cells that all ranges of a workbook may name together
MAX_FILES = 1_000  # workbooks in the folders given
