"""What becomes of a row's figures on their way into the number, as people say it. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from valuefabric.domain.model import Row
from valuefabric.domain.model.recurrence import Timing


def feature_words(row: Row, labels: Mapping[str, str]) -> str:
    """ ", converted from EUR, of which 60 % are attributed to us"; empty for a row that is what its figures or formula say."""
    return "".join(f", {words}" for words in _features(row, labels))


def _features(row: Row, labels: Mapping[str, str]) -> Iterator[str]:
    if row.convert is not None:
        yield f"converted from {row.convert}"
    if row.timing is not None:
        yield _timing(row.timing)
    if row.phase_in is not None:
        yield "phased in"
    if row.phase_out is not None:
        yield "phased out"
    if row.attribution is not None:
        yield f"of which {_share(row.attribution, labels)} counts as ours"
    if row.probability is not None:
        yield f"at a probability of {_share(row.probability, labels)}"
    if row.escalation is not None:
        yield f"growing by {_share(row.escalation.rate, labels)} a year"


def _timing(timing: Timing) -> str:
    if timing.once is not None:
        return f"once, in {timing.once}"
    return f"every {timing.every} periods" if timing.every != 1 else "every period"


def _share(share: Decimal | str, labels: Mapping[str, str]) -> str:
    """A fraction as percent, or the name of the row that has it."""
    if isinstance(share, str):
        return labels.get(share, share)
    return f"{(share * 100).normalize():f} %"
