"""What an import says of itself: what was understood and from which cells, what was assumed, what was not understood and why."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

_TITLES = {
    "refused": "refused",
    "not_understood": "not understood",
    "assumed": "assumed, please confirm",
    "left_out": "left out",
}
type Kind = Literal["assumed", "left_out", "not_understood", "refused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know or to do. ``place`` is a cell (``Model!C5``), a line or an entry of the file; ``text`` what stands there.

    ``assumed``: taken so, please confirm. ``left_out``: read and not needed. ``not_understood``: the model lacks it or has
    figures in its place. ``refused``: nothing was imported because of it.
    """

    kind: Kind
    place: str
    text: str
    why: str
    advice: str = ""
    row: str = ""

    def line(self) -> str:
        """The finding as one line of text."""
        where = f"{self.place}: " if self.place else ""
        return f"  {where}{self.text}{' - ' if self.text else ''}{self.why} {self.advice}".rstrip()


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of the model and the cells that it was made of. ``theirs`` is the formula as it stood, ``ours`` what it became.

    ``how``: ``figures`` given, a ``formula``, ``figures for a formula`` that was not understood, or an ``added`` row that only
    the translation needs.
    """

    key: str
    label: str
    unit: str
    role: str
    places: tuple[str, ...]
    how: Literal["figures", "formula", "figures for a formula", "added"]
    theirs: str = ""
    ours: str = ""
    # The place of its figures in the file kept as evidence, as a span of that evidence is called; empty where there is none.
    locator: str = ""


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A figure that the file had saved beside the one that the model computes."""

    place: str
    label: str
    period: str
    saved: Decimal
    computed: Decimal
    agrees: bool


@dataclass(frozen=True, slots=True)
class Report:
    """``format`` is what the file was taken for, by its content."""

    name: str
    format: str
    rows: tuple[ImportedRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    compared: tuple[ComparedCell, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Finding, ...]:
        """The findings of these kinds, in order."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)

    @property
    def differing(self) -> tuple[ComparedCell, ...]:
        """The compared figures that do not agree."""
        return tuple(cell for cell in self.compared if not cell.agrees)

    @property
    def agreeing(self) -> int:
        """How many compared figures agree."""
        return sum(cell.agrees for cell in self.compared)

    def plain(self) -> dict[str, Any]:
        """JSON-ready, decimals as their digits."""
        return {
            "file": self.name,
            "format": self.format,
            "rows": [{**asdict(row), "places": list(row.places)} for row in self.rows],
            "findings": [asdict(finding) for finding in self.findings],
            "comparison": {
                "compared": len(self.compared),
                "agree": self.agreeing,
                "differ": [
                    {**asdict(cell), "saved": f"{cell.saved:f}", "computed": f"{cell.computed:f}"} for cell in self.differing
                ],
            },
        }

    def lines(self) -> Iterator[str]:
        """The report as text for a terminal."""
        yield f"{self.name}: read as {self.format}"
        if self.rows:
            yield f"\n{len(self.rows)} rows understood"
        for row in self.rows:
            role = f", {row.role}" if row.role else ""
            yield f"  {row.key} ({row.label}; {row.unit}{role}): {row.how}, {', '.join(row.places) or 'no cell'}"
            if row.ours:
                yield f"      ={row.theirs}  ->  {row.ours}" if row.theirs else f"      {row.ours}"
        for kind, title in _TITLES.items():
            found = [finding for finding in self.findings if finding.kind == kind]
            if found:
                yield f"\n{len(found)} {title}"
            yield from (finding.line() for finding in found)
        if self.compared:
            yield f"\n{self.agreeing} of {len(self.compared)} figures saved in the file agree with what the model computes"
        for cell in self.differing:
            yield f"  DIFFERS {cell.place} ({cell.label}, {cell.period}): saved {cell.saved:f}, computed {cell.computed:f}"
