"""Keys for a model's rows and drivers out of the names that people gave them."""

import re
import unicodedata
from collections.abc import Container
from collections.abc import Set as AbstractSet

from valuefabric.domain.formulas.parser import RESERVED

LONGEST = 40
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "œ": "oe", "%": " pct ", "&": " and ", "#": " no "})


def key_of(text: str, taken: Container[str], *, reserved: AbstractSet[str] = RESERVED) -> str:
    """A key that reads like ``text``, not yet ``taken``: "Fully loaded cost / hour" is ``fully_loaded_cost_hour``."""
    apart = _CAMEL.sub(r"\1_\2", text) if " " not in text else text  # a defined name: WageGrowth
    plain = unicodedata.normalize("NFKD", apart.lower().translate(_LETTERS))
    words = _OTHER.sub("_", "".join(one for one in plain if not unicodedata.combining(one))).strip("_")
    if not words or not words[0].isalpha():
        words = f"row_{words}" if words else "row"
    base = words[:LONGEST].rstrip("_")
    if base in reserved:
        base = f"{base}_row"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key
