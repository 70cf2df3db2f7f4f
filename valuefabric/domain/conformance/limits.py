"""How much of a workbook is read. Workbooks come from anywhere; every limit answers an attack that has a test.

One formula's length and depth are bounded by ``valuefabric.domain.spreadsheets``, which reads it.
"""

from valuefabric.domain.evidence.limits import EvidenceLimits

# The guards of uploaded documents (zip bombs, macros, links, a million columns), with room for larger sheets.
WORKBOOK = EvidenceLimits(file_bytes=20_000_000, cells=400_000)

MAX_FORMULAS = 50_000  # formulas in one workbook
MAX_FIGURES = 2_000  # cells that one range may name
MAX_READ = 500_000  # cells that all ranges of a workbook may name together
MAX_FILES = 1_000  # workbooks in the folders given
