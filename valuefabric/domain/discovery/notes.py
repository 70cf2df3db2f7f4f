"""Notes prepared once for all finders: clean sentences, their quantities, and citations into them."""

from dataclasses import dataclass

from valuefabric.domain.discovery.findings import Citation, SuspiciousSentence
from valuefabric.domain.discovery.quantities import Quantity, sentence_quantities
from valuefabric.domain.discovery.sentences import Sentence, split_sentences
from valuefabric.domain.discovery.suspicion import split_suspicious
from valuefabric.domain.evidence import ParsedDocument

# A sentence with more figures is a table without columns; which figure means what cannot be told from its words.
_MOST_QUANTITIES = 24


@dataclass(frozen=True, slots=True)
class Notes:
    """One text document: `sentences` are usable, `suspicious` are kept only to be shown."""

    reference: str
    document: ParsedDocument
    sentences: tuple[Sentence, ...]
    suspicious: tuple[SuspiciousSentence, ...]
    quantities: dict[int, tuple[Quantity, ...]]

    def cite(self, sentence: Sentence) -> Citation:
        """A whole sentence as a citation."""
        return cite(self.reference, self.document, sentence.start, sentence.end)

    def quantities_of(self, sentence: Sentence) -> tuple[Quantity, ...]:
        """The quantities in a sentence."""
        return self.quantities.get(sentence.start, ())

    def neighbours(self, sentence: Sentence) -> tuple[Sentence, ...]:
        """The other sentences of the same bullet or paragraph."""
        return tuple(other for other in self.sentences if other.block == sentence.block and other != sentence)


def cite(reference: str, document: ParsedDocument, start: int, end: int) -> Citation:
    """A citation of exact offsets; the quotation is the canonical text between them."""
    return Citation(
        reference=reference,
        quotation=document.quote(start, end),
        start=start,
        end=end,
        locator=document.locate(start, end),
    )


def prepare_notes(reference: str, document: ParsedDocument) -> Notes:
    """Split a text document, and set aside what addresses the software."""
    clean, suspicious = split_suspicious(split_sentences(document.text))
    return Notes(
        reference=reference,
        document=document,
        sentences=clean,
        suspicious=tuple(
            SuspiciousSentence(reason=reason, citation=cite(reference, document, sentence.start, sentence.end))
            for sentence, reason in suspicious
        ),
        quantities={sentence.start: tuple(sentence_quantities(sentence)[:_MOST_QUANTITIES]) for sentence in clean},
    )
