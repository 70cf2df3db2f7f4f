"""The integrity agent: the twelve rules over a case; a stamp, or quarantine with the violations and their mends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.customer import customer_of
from agents.runtime.agent import AgentRun, Method
from valuefabric.domain.manifesto import Review, review_case
from valuefabric.governance.selectors import rule_set_active
from valuefabric.models import BusinessCase
from valuefabric.selectors.reviews import case_under_review
from valuefabric.services.reviews import case_review_record


@dataclass(frozen=True)
class IntegrityAgent:
    """See the module. It has no model-assisted method: the same case must get the same answer."""

    name: str = "integrity"

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        run.use("evidence.read")
        run.use("case.read")
        review = review_case(case_under_review(_case(run, inputs)), rule_set_active())
        for result in review.results:
            run.tell("rule", {"rule": result.key, "title": result.title, "status": result.status})
        run.notes.extend(result.explanation for result in review.violations)
        return "deterministic", {"review": review.model_dump(mode="json")}

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        run.use("case.review")
        review = Review.model_validate(content["review"])
        row = case_review_record(case=_case(run, inputs), review=review, actor=run.acting, process=run.process)
        violations = [result.key for result in review.violations]
        return {"passed": row.passed, "violations": violations, "content_hash": row.content_hash, "review": str(row.public_id)}

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        """A review is a statement about a content; it stays on record. Withdrawing the case is the target step's compensation."""


def _case(run: AgentRun, inputs: Mapping[str, Any]) -> BusinessCase:
    return customer_of(run.actor, inputs).cases.get(public_id=inputs["case"])


AGENT = IntegrityAgent()
