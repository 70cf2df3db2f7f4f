"""A spreadsheet's formula as our own tree, with the figures that it reads."""

from dataclasses import dataclass, field
from decimal import Decimal

from valuefabric.domain.conformance.values import CellError
from valuefabric.domain.formulas.nodes import Expression

type Figure = Decimal | CellError


@dataclass(frozen=True, slots=True)
class Part:
    """A function of whole series inside a formula, computed first; the tree has its result under ``key``.

    An argument is a tree of one value, or the keys of a series' figures.
    """

    key: str
    function: str
    arguments: tuple[Expression | tuple[str, ...], ...]


@dataclass(slots=True)
class Reading:
    """``figures`` are the cells and numbers that the tree and the parts name; ``parts`` in the order of computing."""

    figures: dict[str, Figure] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def named(self, figure: Figure) -> str:
        """A key for ``figure``; no row's key has a space, so it can be none of a model."""
        key = f"figure {len(self.figures)}"
        self.figures[key] = figure
        return key

    def part(self, function: str, *arguments: Expression | tuple[str, ...]) -> str:
        """A key for what ``function`` gives."""
        key = f"part {len(self.parts)}"
        self.parts.append(Part(key, function, arguments))
        return key

    @property
    def largest(self) -> Decimal:
        """The size of the largest figure that is read."""
        return max((abs(figure) for figure in self.figures.values() if isinstance(figure, Decimal)), default=Decimal(0))
