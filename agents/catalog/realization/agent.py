"""The realization agent: what was committed against what was measured, by driver and by assumption."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.customer import customer_of
from agents.runtime.agent import DETERMINISTIC, AgentRun, Method
from valuefabric.models import Commitment
from valuefabric.selectors.realization import last_measured_on, realization_of
from valuefabric.services.realization import NothingMeasured, realization_record


@dataclass(frozen=True)
class RealizationAgent:
    """See the module."""

    name: str = "realization"

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        run.use("telemetry.read")
        run.use("commitment.read")
        commitment = _commitment(run, inputs)
        as_of = last_measured_on(commitment)
        if as_of is None:
            raise NothingMeasured("There is no telemetry of this customer yet. Upload a file, or connect a source.")
        result = realization_of(commitment, as_of=as_of)
        for sentence in result.sentences:
            run.tell("finding", {"text": sentence.text})
        run.notes.extend(f"{row} still stands on the promise alone: nothing measures it." for row in result.unmeasured)
        return DETERMINISTIC, {"as_of": as_of.isoformat()}

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        run.use("realization.write")
        report = realization_record(commitment=_commitment(run, inputs), actor=run.acting, process=run.process)
        return {"report": str(report.public_id), "as_of": report.as_of.isoformat()}

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        """A report says what was measured; that stays true when the run is rolled back."""


def _commitment(run: AgentRun, inputs: Mapping[str, Any]) -> Commitment:
    return customer_of(run.actor, inputs).commitments.get(public_id=inputs["commitment"])


AGENT = RealizationAgent()
