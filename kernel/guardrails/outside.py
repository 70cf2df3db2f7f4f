"""The input guardrail: what may be said about a text from outside before an agent reads it."""

from dataclasses import dataclass

from kernel.guardrails.injection import InjectionMark, injection_marks
from kernel.guardrails.taint import Taint
from kernel.guardrails.verdicts import Allow, NeedsApproval, Refuse, Verdict

LONGEST_TEXT = 2_000_000


@dataclass(frozen=True)
class OutsideText:
    """A text from outside, always untrusted, with the places that try to give orders."""

    verdict: Verdict
    marks: tuple[InjectionMark, ...]
    taint: Taint = Taint.UNTRUSTED


def outside_text_check(text: str, *, longest: int = LONGEST_TEXT) -> OutsideText:
    """Refuse what is longer than ``longest`` characters; ask for a human where text gives orders; else allow it as data.

    An allowance never cleans: what is derived from the text stays untrusted, marks or no marks.
    """
    if len(text) > longest:
        return OutsideText(Refuse(f"The text has {len(text):,} characters; at most {longest:,} are read. Split it."), ())
    marks = injection_marks(text)
    if marks:
        places = ", ".join(f"“{mark.text[:60]}” at {mark.start}" for mark in marks[:3])
        return OutsideText(NeedsApproval(f"The text gives orders to whoever reads it: {places}."), marks)
    return OutsideText(Allow(), ())
