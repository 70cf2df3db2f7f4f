"""What of each row enters the totals: the row itself, or what its overlap group and the document let count of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from valuefabric.domain.formulas.nodes import Arithmetic, Expression, Name
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.helpers import BENEFITS_AT
from valuefabric.domain.model.kept import kept
from valuefabric.domain.model.keys import found
from valuefabric.domain.model.overlap import Overlap, group_rows


@dataclass(frozen=True, slots=True)
class Counted:
    """Names of lowered rows: those whose sums are all benefits and all costs, and for each row with a role what counts of it."""

    benefits: tuple[str, ...]
    costs: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CountingShape:
    """What of a document decides the trees of counting: its overlaps, and the benefits that count by a share."""

    overlaps: tuple[Overlap, ...] = ()
    reduced: tuple[str, ...] = ()


@kept
def counted(document: ModelDocument) -> Counted:
    """What enters the totals of ``document``. Rows of drivers that are not counted keep their own names and are in no total."""
    shape = counting_shape(document)
    changed = {*shape.reduced, *(key for overlap in shape.overlaps for key in overlap.rows)}
    names = {row.key: counts(row.key) if row.key in changed else row.key for row in document.rows if row.role is not None}
    rows = _counted_rows(document)
    benefits = tuple(names[row.key] for row in rows if row.role == "benefit")
    return Counted(benefits, tuple(names[row.key] for row in rows if row.role == "cost"), names)


def counting_shape(document: ModelDocument) -> CountingShape:
    """The same for documents that count alike."""
    if document.benefits_at is None:
        return CountingShape(document.overlaps) if document.overlaps else NOTHING_SPECIAL
    reduced = tuple(row.key for row in _counted_rows(document) if row.role == "benefit")
    return CountingShape(document.overlaps, reduced)


NOTHING_SPECIAL = CountingShape()


def counting_rows(shape: CountingShape) -> Iterator[tuple[str, Expression]]:
    """The rows that counting takes, in order."""
    grouped = {key for overlap in shape.overlaps for key in overlap.rows}
    reduced = frozenset(shape.reduced)
    for overlap in shape.overlaps:
        yield from group_rows(overlap, lambda key: _whole(key) if key in reduced else counts(key))
    for key in shape.reduced:
        yield counts(key), Arithmetic(0, "*", Name(0, _whole(key) if key in grouped else key), Name(0, BENEFITS_AT))


def counts(key: str) -> str:
    """The name of what of a row counts, where that is not the row itself."""
    return f"counted {key}"


def counting_label(document: ModelDocument, name: str) -> str:
    """What people call a row that counting made."""
    for prefix, told in ((counts(""), "counted"), (_whole(""), "counted in full")):
        if name.startswith(prefix):
            return f"{document.row(name.removeprefix(prefix)).label}, {told}"
    key, _, figure = name.removeprefix("overlap ").partition(" ")
    words, _, row = figure.rpartition(" ")
    overlap = found("overlap", key, document.overlaps)
    return f"{overlap.label or key}: {f'{words} {document.row(row).label}' if words else figure}"


def _whole(key: str) -> str:
    """The name of what would count if benefits counted in full."""
    return f"in full {key}"


def _counted_rows(document: ModelDocument) -> list[Row]:
    uncounted = {driver.key for driver in document.drivers if not driver.counted}
    return [row for row in document.rows if row.role is not None and row.driver not in uncounted]
