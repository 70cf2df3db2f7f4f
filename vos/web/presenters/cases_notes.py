"""Side notes: each quotation that the document rests on once, numbered in the order in which a reader meets them."""

from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import Row
from valuefabric.selectors.case_pages import SourcePlace
from vos.web.presenters.models_rows import kind_label

type Context = dict[str, Any]


class Notes:
    """The notes of one document in the making."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._notes: list[Context] = []
        self._told: set[int] = set()

    def number(self, place: SourcePlace, quotation: str = "") -> int:
        """The number of a place in a document; the first mention makes its note."""
        key = (place.evidence.pk, place.start, place.end)
        if key not in self._numbers:
            where = f"{place.evidence.filename}, {place.locator}" if place.locator else place.evidence.filename
            self._add(key, {"quotation": _plain(quotation), "text": "", "source": where})
        return self._numbers[key]

    def citation(self, row: Row) -> int:
        """The number of a row's citation in words; 0 for a row without a source."""
        if row.source is None:
            return 0
        key = (row.source.kind, row.source.reference)
        if key not in self._numbers:
            kind = kind_label(row.source.kind)
            self._add(key, {"quotation": _plain(row.source.quotation), "text": "", "source": f"{row.source.reference} ({kind})"})
        return self._numbers[key]

    def aside(self, number: int) -> Context | int | None:
        """A note for the margin: whole where it is met first, later its number only."""
        if not number:
            return None
        if number in self._told:
            return number
        self._told.add(number)
        return self._notes[number - 1]

    def all(self) -> list[Context]:
        """Every note, in order."""
        return list(self._notes)

    def _add(self, key: object, note: Context) -> None:
        self._notes.append({"number": len(self._notes) + 1, **note})
        self._numbers[key] = len(self._notes)


def _plain(quotation: str) -> str:
    """A quotation in one line, without the marks that will be put around it."""
    return " ".join(quotation.split()).strip('"“”')


def source_words(row: Row, place: SourcePlace | None) -> str:
    """A row's source in a few words."""
    if place is not None:
        return place.evidence.filename
    return kind_label(row.source.kind) if row.source else _("no source")
