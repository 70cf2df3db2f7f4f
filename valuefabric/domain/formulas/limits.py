"""How large a formula and a number may be. Formulas come from tenants; every limit answers an attack that has a test."""

MAX_TEXT = 2_000  # characters in one formula
MAX_TOKENS = 400  # tokens in one formula
MAX_DEPTH = 32  # parentheses and functions inside each other
MAX_LEVELS = 48  # functions and joined conditions inside each other, as cells nest them; spreadsheets take 64
MAX_NODES = 256  # parts of one formula; also bounds how deep a chain of + can nest
MAX_NAME = 64  # characters in a row's key
MAX_DIGITS = 30  # digits in one number
MAX_EXPONENT = 100  # the largest power, either sign
MAX_DECIMALS = 12  # round(x, 12) and row rounding
MIN_DECIMALS = -12  # round(x, -3) rounds to thousands
MAX_SERIES = 100  # functions of whole rows in one model: each may look at every period in every period
MAX_TABLE_LINES = 1_000
MAX_TABLE_COLUMNS = 20
MAX_TABLE_CELLS = 5_000  # figures in one table
MAX_TABLES = 50  # tables in one model
MAX_SECONDS = 5.0  # one computation of a model
