"""What people told an agent before it began, as its deterministic method honours it. A model reads the words themselves.

Each message gets its answer in the process's transcript: ``heard`` with what was done, or ``unheard`` with what would have been
understood. One that comes later than this has no answer there; whoever closes the step says so.
"""

from dataclasses import dataclass

from agents.instructions import Instruction, NotUnderstood, instruction_of
from agents.runtime.agent import AgentRun
from kernel.processes.models import ProcessEvent
from kernel.processes.selectors import steering_after
from valuefabric.domain.discovery import Citation, Discovery, Exclusion
from valuefabric.domain.packs import Pack


@dataclass(frozen=True)
class Said:
    """What was understood: drivers to leave out with the words that said so, notes to be shown, words not to be used."""

    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()

    def applied(self, found: Discovery) -> Discovery:
        """What was found, with the drivers left out: listed, not counted, and the words that asked for it beside them."""
        if not self.left_out:
            return found
        out = {key for key, _words in self.left_out}
        cited = (Citation(reference="message", quotation=words, start=0, end=len(words)) for _key, words in self.left_out)
        exclusions = (Exclusion(driver=key, citation=one) for (key, _words), one in zip(self.left_out, cited, strict=True))
        hypotheses = (one.model_copy(update={"counted": False}) if one.driver in out else one for one in found.hypotheses)
        return found.model_copy(update={"exclusions": (*found.exclusions, *exclusions), "hypotheses": tuple(hypotheses)})


def said_to(run: AgentRun, pack: Pack) -> Said:
    """Read and answer what people told the run until now."""
    said = Said()
    for event in steering_after(run.process):
        try:
            said = _with(said, instruction_of(event.data["message"], _can_go(said, pack)), event)
        except NotUnderstood as refused:
            run.tell("unheard", {"number": event.number, "why": str(refused)})
        else:
            run.tell("heard", {"number": event.number, "message": event.data["message"]})
    return said


def _can_go(said: Said, pack: Pack) -> dict[str, str]:
    """The drivers that can be left out: not those that count for nothing anyway, and never the last one that counts."""
    gone = {key for key, _words in said.left_out}
    counted = {driver.key: driver.label for driver in pack.drivers if driver.counted and driver.key not in gone}
    return counted if len(counted) > 1 else {}


def _with(said: Said, instruction: Instruction, event: ProcessEvent) -> Said:
    left_out, notes, never_say = said.left_out, said.notes, said.never_say
    match instruction.kind:
        case "leave_out":
            left_out = (*left_out, (instruction.what, event.data["message"]))
        case "note":
            notes = (*notes, instruction.what)
        case "never_say":
            never_say = (*never_say, instruction.what)
    return Said(left_out, notes, never_say)
