"""Writing a case's sections from computed cells: every number put into a text is noted with the cell or quotation it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from valuefabric.domain.discovery import Citation
from valuefabric.domain.manifesto import NarrativeFigure, resolve_cell, written_numbers
from valuefabric.domain.model import Computation, ModelDocument

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass
class Story:
    """The narrative in the making. Texts name cells in braces: ``"worth {measure.npv} at {convention.discount_rate}"``."""

    document: ModelDocument
    computation: Computation
    scenarios: Mapping[str, Computation]
    sections: dict[str, str] = field(default_factory=dict)
    figures: list[NarrativeFigure] = field(default_factory=list)

    def say(self, section: str, text: str) -> None:
        """Add a paragraph; names of cells in braces become their figures."""
        parts = text.split("{")
        said = parts[0]
        for part in parts[1:]:
            cell, _, rest = part.partition("}")
            said += self.figure(section, cell) + rest
        self._append(section, said)

    def quote(self, section: str, before: str, citation: Citation, after: str = "") -> None:
        """Add a paragraph with a quotation; its numbers are the quotation's."""
        words = citation.model_copy(update={"quotation": citation.quotation.strip(" -–•*")}).quoted
        self._append(section, f"{before}{words}{after}")
        if any(written_numbers(words)):
            self._note(NarrativeFigure(section=section, text=words, reference=citation.reference, quotation=citation.quotation))

    def figure(self, section: str, cell: str) -> str:
        """A cell as text, noted as this section's figure."""
        found = resolve_cell(cell, self.document, self.computation, self.scenarios)
        written = written_as(found.value, found.unit, self.document.currency)
        self._note(NarrativeFigure(section=section, text=written, cell=cell))
        return written

    def _note(self, figure: NarrativeFigure) -> None:
        if figure not in self.figures:
            self.figures.append(figure)

    def _append(self, section: str, text: str) -> None:
        before = self.sections.get(section)
        self.sections[section] = f"{before}\n\n{text}" if before else text


def written_as(value: Decimal, unit: str, currency: str) -> str:
    """A figure as a reader expects it: money in whole units, percents with the decimals they have, at most two."""
    if unit == "percent":
        return f"{_plain(value * 100)}%"
    if unit == "percent_points":
        return f"{_plain(value)}%"
    if unit.partition("/")[0] == currency:
        amount = f"{value.quantize(Decimal(1), ROUND_HALF_UP):,}"
        return f"{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{currency} {amount}"
    # A model says "number" of what has no unit; a reader sees that it is one.
    return _plain(value) if unit == "number" else f"{_plain(value)} {unit}".strip()


def _plain(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded.normalize():,f}"
