"""Reading one XML part as a stream of elements, so that nothing in it can grow: no tree, no entities, bounded depth and count.

The parser is expat itself. A document type is refused where it begins, so no entity is ever declared.
"""

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.spreadsheets.limits import MAX_DEPTH, MAX_ELEMENTS

type Attributes = dict[str, str]
_CHUNK = 1 << 16
_KEPT_NAMES = 256


class ElementBudget:
    """How many elements all parts of a workbook may still have."""

    def __init__(self, left: int = MAX_ELEMENTS) -> None:
        self.left = left

    def refuse(self) -> None:
        """Nothing is left."""
        raise EvidenceError(f"The workbook has more than {MAX_ELEMENTS:,} parts inside. Upload only the sheets that are needed.")


class PartHandler:
    """What is done with the elements of a part; names come without their namespace."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def text(self, data: str) -> None:
        """Characters inside the present element; a long text comes in pieces."""

    def end(self, name: str) -> None:
        """An element ends."""


def read_part(stream: IO[bytes], handler: PartHandler, budget: ElementBudget, name: str) -> None:
    """Feed a part to ``handler``. Raises EvidenceError for XML that is broken, declares entities, or is too deep or large."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0
    local = _LocalNames()
    begins, ends = handler.start, handler.end

    # Called for each of a million elements, so nothing is called from here that need not be.
    def start(tag: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise EvidenceError(f"The workbook's part {name} nests elements more than {MAX_DEPTH} deep.")
        budget.left -= 1
        if budget.left < 0:
            budget.refuse()
        begins(local[tag], {local[key]: value for key, value in attributes.items()} if attributes else attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        ends(local[tag])

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, handler.text
    parser.StartDoctypeDeclHandler = _refuse_doctype(name)
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise EvidenceError(f"The workbook's part {name} is damaged ({error}). Save the workbook again and upload it.") from error


class _LocalNames(dict[str, str]):
    """Names without their namespace. The few that a format has are kept; a part that makes up names without end grows nothing."""

    def __missing__(self, tag: str) -> str:
        name = tag.rpartition(" ")[2]
        if len(self) < _KEPT_NAMES:
            self[tag] = name
        return name


def _refuse_doctype(name: str) -> Callable[..., None]:
    def refuse(*_declaration: object) -> None:
        raise EvidenceError(f"The workbook's part {name} declares XML entities, which no spreadsheet program writes.")

    return refuse
