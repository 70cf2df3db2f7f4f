"""Matching sentences and their quantities to a pack's inputs and drivers: words first, meaning beside them.

A quantity matches an input when the unit fits, the input's words stand near it, and (where an embedder is at hand) the sentence
means what the input's `meaning` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from valuefabric.domain.discovery.cues import cue_score, cue_score_near
from valuefabric.domain.discovery.embedding import Embedder, cosine
from valuefabric.domain.discovery.notes import Notes
from valuefabric.domain.discovery.periods import period_index
from valuefabric.domain.discovery.quantities import Quantity
from valuefabric.domain.discovery.sentences import Sentence
from valuefabric.domain.discovery.units import CURRENCIES
from valuefabric.domain.packs.schema import DriverSpec, InputSpec, Pack

KEYWORDS_ONLY = "keywords"
# Below this the match is a guess. A strong word within 40 characters gives 1.0 or more; meaning alone needs a cosine of 0.6.
THRESHOLD = 1.0
_MEANING_FLOOR, _MEANING_WEIGHT = 0.25, 3.0


@dataclass(frozen=True, slots=True)
class QuantityMatch:
    """One quantity taken as evidence for one input."""

    input: str
    quantity: Quantity
    sentence: Sentence
    notes: Notes
    score: float


@dataclass(frozen=True, slots=True)
class DriverMatch:
    """A sentence that speaks of a driver."""

    driver: str
    sentence: Sentence
    notes: Notes
    score: float


class Meanings:
    """Cosines between sentences and descriptions, each text embedded once; all zero without an embedder."""

    def __init__(self, embedder: Embedder | None, texts: Sequence[str] = ()) -> None:
        self._embedder = embedder
        self._vectors = {}
        unique = list(dict.fromkeys(texts))
        if embedder is not None and unique:
            self._vectors = dict(zip(unique, embedder.embed(unique), strict=True))

    @property
    def method(self) -> str:
        """What a page shows as the method."""
        return f"{KEYWORDS_ONLY} and {self._embedder.name}" if self._embedder else KEYWORDS_ONLY

    def score(self, text: str, meaning: str) -> float:
        """What two texts' nearness in meaning adds to a match."""
        if text not in self._vectors or meaning not in self._vectors:
            return 0.0
        return _MEANING_WEIGHT * max(0.0, cosine(self._vectors[text], self._vectors[meaning]) - _MEANING_FLOOR)


def sentence_meaning(sentence: Sentence) -> str:
    """The text of a sentence that is embedded."""
    return sentence.flat


def unit_fits(written: str, spec: InputSpec) -> bool:
    """Whether a written unit can be the input's: `USD` or `USD/year` for `currency`, nouns by their head."""
    base, _, rate = written.partition("/")
    if spec.unit.startswith("currency"):
        wanted = spec.unit.partition("/")[2]
        return base in CURRENCIES and (rate == wanted or (not wanted and rate == "year"))
    return written == spec.unit or written in spec.units


def match_quantities(
    notes: Sequence[Notes], pack: Pack, meanings: Meanings, *, taken: frozenset[tuple[str, int]] = frozenset()
) -> list[QuantityMatch]:
    """The best input for each quantity, best first; `taken` are (reference, start) of quantities that mean something else."""
    found: list[QuantityMatch] = []
    for item in notes:
        for sentence in item.sentences:
            last: QuantityMatch | None = None
            for quantity in item.quantities_of(sentence):
                if (item.reference, quantity.start) not in taken:
                    match = _best_input(item, sentence, quantity, pack, meanings) or _continued(last, quantity)
                    last = match or last
                    found += [match] if match else []
    return sorted(found, key=lambda match: (-match.score, match.notes.reference, match.quantity.start))


def match_drivers(notes: Sequence[Notes], pack: Pack, meanings: Meanings) -> list[DriverMatch]:
    """The sentences that speak of each driver, best first."""
    found = [
        DriverMatch(driver.key, sentence, item, score)
        for driver in pack.drivers
        for item in notes
        for sentence in item.sentences
        if (score := driver_score(sentence, driver, meanings)) >= THRESHOLD
    ]
    return sorted(found, key=lambda match: (-match.score, match.notes.reference, match.sentence.start))


def driver_score(sentence: Sentence, driver: DriverSpec, meanings: Meanings) -> float:
    """How much a sentence speaks of a driver."""
    return cue_score(sentence.flat, driver.cues) + meanings.score(sentence_meaning(sentence), driver.claim)


def _best_input(notes: Notes, sentence: Sentence, quantity: Quantity, pack: Pack, meanings: Meanings) -> QuantityMatch | None:
    scored = [
        QuantityMatch(name, quantity, sentence, notes, input_score(sentence, quantity, spec, meanings))
        for name, spec in pack.inputs.items()
        if unit_fits(quantity.unit, spec)
    ]
    best = max(scored, key=lambda match: match.score, default=None)
    return best if best is not None and best.score >= THRESHOLD else None


def _continued(last: QuantityMatch | None, quantity: Quantity) -> QuantityMatch | None:
    """ "38.4% in the first year, then 76.7% from year two on": a figure with a year of its own goes on with the one before."""
    if last is None or last.quantity.unit != quantity.unit:
        return None
    others = last.notes.quantities_of(last.sentence)
    if not period_index(last.sentence, quantity, others):
        return None
    return QuantityMatch(last.input, quantity, last.sentence, last.notes, last.score)


def input_score(sentence: Sentence, quantity: Quantity, spec: InputSpec, meanings: Meanings) -> float:
    """How much a quantity speaks of an input: the words around it, and what its sentence means."""
    start, end = sentence.flat_span(quantity.start, quantity.end)
    return cue_score_near(sentence.flat, start, end, spec.cues) + meanings.score(sentence_meaning(sentence), spec.meaning)
