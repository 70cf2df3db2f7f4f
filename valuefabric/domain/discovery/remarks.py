"""What customers say about the case itself: what hurts, what is not to be counted, what must not be said."""

import re
from collections.abc import Iterator, Sequence

from valuefabric.domain.discovery.cues import mentions
from valuefabric.domain.discovery.findings import Exclusion, ForbiddenSentence, Pain
from valuefabric.domain.discovery.matching import THRESHOLD, Meanings, driver_score
from valuefabric.domain.discovery.notes import Notes
from valuefabric.domain.discovery.sentences import Sentence
from valuefabric.domain.packs.schema import Pack

_UNCOUNTED = re.compile(
    r"\bnot (?:in|part of) the (?:number|total|figure|case|calculation|model|roi)s?\b"
    r"|\b(?:do not|don['’]t|does not|not to|should not|shouldn['’]t|must not|cannot|can['’]t|not) (?:want (?:it"
    r"|this|that|them) )?(?:be )?count(?:ed)?\b"
    r"|\b(?:leave|keep|take) (?:it|this|that|them|\w+) (?:out of|off|outside) (?:the )?(?:number|total|figure"
    r"|case|calculation|model|roi|math)s?\b"
    r"|\bwithout (?:counting|putting a number on)\b|\b(?:upside only|list(?:ed)? (?:it )?only"
    r"|qualitative only)\b|\boutside the number\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:guarantee\w*|promis\w+|assur\w+|certain to|will definitely|no risk|risk[ -]free|cannot fail)\b", re.IGNORECASE
)
_KEEP_OUT = re.compile(
    r"\bno such\b|\b(?:must|may|should|can|do|does|will)(?: not|n['’]t) (?:be in|appear|stand|say|write|claim"
    r"|use|include|want (?:to see|that))\b"
    r"|\b(?:keep|leave|take|strike|cut) (?:it|that|this|those|such|the \w+) (?:\w+ )?out\b|\bnever (?:say|write"
    r"|claim|promise|put)\b|\bnot (?:to )?(?:say|write|claim) (?:that|so|this)\b",
    re.IGNORECASE,
)
_REQUESTER = re.compile(
    r"(?:^|\b)(?:the |our |their )?([a-z][a-z ]{2,40}?) (?:asked|asks|wants|wanted|insisted|insists|requested"
    r"|demanded|said|told|made clear|does not|will not)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“]([^\"”]{4,200})[\"”]")
_PAIN = re.compile(
    r"\b(?:worr(?:y|ies|ied)|problem\w*|struggl\w+|pain\w*|ad[ -]hoc|too (?:long|slow|late|many|much|expensive)"
    r"|manual(?:ly)?|churn\w*|complain\w*|backlog\w*|"
    r"los(?:e|es|ing|t)|leav(?:e|es|ing)|wast(?:e|es|ed|ing)|frustrat\w+|delay(?:s|ed)|bottleneck\w*|fail(?:s"
    r"|ed|ing|ure)|late\b|overtime|burn(?:ed|t)? out|"
    r"breach\w*|alert fatigue|drown\w*|nobody knows|never learn|find out|spreadsheets?|firefight\w*"
    r"|overwhelm\w*|penalt(?:y|ies)|risk of)\b",
    re.IGNORECASE,
)


def find_pains(
    notes: Sequence[Notes], pack: Pack, meanings: Meanings, skip: frozenset[tuple[str, int]] = frozenset()
) -> tuple[Pain, ...]:
    """Sentences in which something hurts, by general words or the pack's; `skip` are sentences that mean something else."""
    return tuple(
        Pain(driver=_driver_of(sentence, pack, meanings), citation=item.cite(sentence))
        for item in notes
        for sentence in item.sentences
        if (item.reference, sentence.start) not in skip
        if _PAIN.search(sentence.flat) or mentions(sentence.flat, pack.pains)
    )


def find_exclusions(notes: Sequence[Notes], pack: Pack, meanings: Meanings) -> tuple[Exclusion, ...]:
    """Benefits to be listed and not counted, one for each bullet or paragraph that says so."""
    found: dict[tuple[str, int], Exclusion] = {}
    for item in notes:
        for sentence in item.sentences:
            if _UNCOUNTED.search(sentence.flat):
                # The plainest wording comes last ("Put it on the list, but not in the number"); it is the quotation shown.
                found[item.reference, sentence.block] = _exclusion(item, sentence, pack, meanings)
    return tuple(found.values())


def find_forbidden(notes: Sequence[Notes]) -> tuple[ForbiddenSentence, ...]:
    """Sentences that somebody asked to keep out: a promise in words, and the request beside it."""
    found = []
    for item in notes:
        for sentence in item.sentences:
            for request, claim in _requests(item, sentence):
                quoted = _QUOTED.search(claim.flat)
                found.append(
                    ForbiddenSentence(
                        phrase=quoted[1] if quoted else _promise_of(claim),
                        requested_by=_requester(request),
                        citation=item.cite(claim),
                        request=item.cite(request),
                    )
                )
    return tuple(found)


def _requests(notes: Notes, sentence: Sentence) -> Iterator[tuple[Sentence, Sentence]]:
    if not _KEEP_OUT.search(sentence.flat):
        return
    if _PROMISE.search(sentence.flat):
        yield sentence, sentence
        return
    claims = [other for other in notes.neighbours(sentence) if _PROMISE.search(other.flat)]
    before = [claim for claim in claims if claim.start < sentence.start]
    if claims:
        yield sentence, before[-1] if before else claims[0]


def _promise_of(claim: Sentence) -> str:
    """The promise's own words, from the promising word to the clause's end."""
    found = _PROMISE.search(claim.flat)
    start = found.start() if found else 0
    return re.split(r"[,;.!?]", claim.flat[start:])[0].strip()


def _requester(request: Sentence) -> str:
    found = _REQUESTER.search(request.flat)
    return found[1].strip() if found else ""


def _exclusion(notes: Notes, sentence: Sentence, pack: Pack, meanings: Meanings) -> Exclusion:
    context = notes.neighbours(sentence)
    scores = {driver.key: max(driver_score(other, driver, meanings) for other in (sentence, *context)) for driver in pack.drivers}
    best = max(scores, key=lambda key: scores[key], default=None)
    driver = best if best is not None and scores[best] >= THRESHOLD else None
    return Exclusion(driver=driver, citation=notes.cite(sentence), context=tuple(notes.cite(other) for other in context))


def _driver_of(sentence: Sentence, pack: Pack, meanings: Meanings) -> str | None:
    best = max(pack.drivers, key=lambda driver: driver_score(sentence, driver, meanings), default=None)
    return best.key if best is not None and driver_score(sentence, best, meanings) >= THRESHOLD else None
