"""The expansion agent: gaps against benchmarks and what is not counted yet, each sized by the engine; the next case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.customer import customer_of, pack_of
from agents.runtime.agent import DETERMINISTIC, AgentRun, Method
from valuefabric.domain.expansion import find_gaps
from valuefabric.models import ExpansionProposal, RealizationReport
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.realization import result_of
from valuefabric.services.realization import NothingMeasured, expansion_record, expansion_withdraw


@dataclass(frozen=True)
class ExpansionAgent:
    """See the module."""

    name: str = "expansion"

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        run.use("telemetry.read")
        run.use("commitment.read")
        report, pack = _report(run, inputs), pack_of(inputs)
        document = document_of(report.commitment.model_version)
        found = find_gaps(document, pack.benchmarks, realization=result_of(report))
        for gap in found.gaps:
            run.tell("gap", {"kpi": gap.kpi, "text": gap.sentence.text, "demo": gap.demo})
        for uncounted in found.uncounted:
            run.tell("uncounted", {"driver": uncounted.driver, "text": uncounted.sentence.text})
        if any(gap.demo for gap in found.gaps):
            run.notes.append("The benchmarks are illustrative: replace them before a case is made of this.")
        return DETERMINISTIC, {"report": str(report.public_id)}

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        run.use("expansion.write")
        report = customer_of(run.actor, inputs).realization_reports.get(public_id=content["report"])
        benchmarks = pack_of(inputs).benchmarks
        proposal = expansion_record(report=report, benchmarks=benchmarks, actor=run.acting, process=run.process)
        return {"proposal": str(proposal.public_id), "title": proposal.title}

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        proposal = ExpansionProposal.objects.get(public_id=output["proposal"])
        expansion_withdraw(proposal=proposal, reason="The run was rolled back.", actor=run.acting, process=run.process)


def _report(run: AgentRun, inputs: Mapping[str, Any]) -> RealizationReport:
    """The commitment's newest report. Raises NothingMeasured."""
    reports = customer_of(run.actor, inputs).realization_reports.filter(commitment__public_id=inputs["commitment"])
    report: RealizationReport | None = reports.order_by("-id").first()
    if report is None:
        raise NothingMeasured("Nothing was measured against this commitment yet. Measure it first.")
    return report


AGENT = ExpansionAgent()
