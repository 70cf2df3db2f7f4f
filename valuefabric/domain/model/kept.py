"""What is made of a document and kept, since a document never changes: found again by identity, because comparing all of a
document costs more than most of what is made of it."""

from collections.abc import Callable
from functools import lru_cache, wraps

from valuefabric.domain.model.document import ModelDocument

DOCUMENTS = 16  # of which each kept result is remembered; a page or a goal seek asks about one or two


class _Identity:
    """A document as a key. It holds the document, so that no other can come to have its identity."""

    __slots__ = ("document",)

    def __init__(self, document: ModelDocument) -> None:
        self.document = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.document is other.document

    def __hash__(self) -> int:
        return id(self.document)


def kept[Made](make: Callable[[ModelDocument], Made]) -> Callable[[ModelDocument], Made]:
    """``make``, asked once for each document of the last few. What it gives must not be changed by anybody."""

    @lru_cache(maxsize=DOCUMENTS)
    def remembered(of: _Identity) -> Made:
        return make(of.document)

    @wraps(make)
    def asked(document: ModelDocument) -> Made:
        return remembered(_Identity(document))

    return asked
