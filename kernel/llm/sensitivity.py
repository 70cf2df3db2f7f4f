"""How sensitive a text is, from the least to the most: as the rows of the value tree are classified. Pure."""

from collections.abc import Iterable
from enum import StrEnum


class Sensitivity(StrEnum):
    """A text's classification. Who does not know it says CONFIDENTIAL, which is also what documents are until somebody says."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"

    def reaches(self, bound: str) -> bool:
        """Whether it is as sensitive as ``bound`` or more; no bound (empty) is never reached."""
        order = list(Sensitivity)
        return bool(bound) and order.index(self) >= order.index(Sensitivity(bound))


def most_sensitive(texts: Iterable[str]) -> Sensitivity:
    """The classification of what is made of several texts: that of the most sensitive; CONFIDENTIAL where there are none."""
    order = list(Sensitivity)
    return max((Sensitivity(text) for text in texts), key=order.index, default=Sensitivity.CONFIDENTIAL)
