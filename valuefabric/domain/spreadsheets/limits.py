"""How large a workbook may be whose formulas are read. Every limit answers an attack that has a test."""

from valuefabric.domain.evidence.limits import EvidenceLimits

# A model has thousands of cells, not hundreds of thousands: what a seller brings fits, what only costs memory does not.
BOOK_LIMITS = EvidenceLimits(
    file_bytes=5_000_000, rows=5_000, columns=400, cells=60_000, sheets=40, unzipped_bytes=40_000_000, zip_members=400
)
MAX_ELEMENTS = 1_500_000  # of all parts together
MAX_DEPTH = 64  # elements inside each other
MAX_STRINGS = 60_000
MAX_NAMES = 2_000
