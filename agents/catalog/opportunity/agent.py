"""The opportunity agent: from evidence to value hypotheses, each claim with the quotation that supports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from agents.assisted import ask, can_assist, ungrounded_figures
from agents.customer import customer_of, discovered, evidence_items, pack_of, sensitivity_of, words_for_a_model
from agents.runtime.agent import ASSISTED, DETERMINISTIC, AgentRun, Method
from agents.steering import said_to
from kernel.guardrails import quoted
from kernel.llm.sensitivity import Sensitivity
from valuefabric.domain.discovery import Assumption, Citation, Discovery, Hypothesis
from valuefabric.domain.packs import Pack
from valuefabric.models import Opportunity
from valuefabric.services.opportunities import (
    HypothesisDraft,
    OpportunityDraft,
    QuantityDraft,
    QuoteDraft,
    opportunity_record,
    opportunity_withdraw,
)


class WordedClaim(BaseModel):
    """A driver's claim as a model words it, with the sentence it copied."""

    driver: str
    claim: str
    quotation: str


class WordedClaims(BaseModel):
    """What the model answers."""

    claims: list[WordedClaim]


@dataclass(frozen=True)
class OpportunityAgent:
    """See the module."""

    name: str = "opportunity"

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        customer, pack = customer_of(run.actor, inputs), pack_of(inputs)
        run.use("evidence.read")
        found = said_to(run, pack).applied(discovered(customer, pack))
        _tell_found(run, found)
        draft, method = _draft(found, pack, customer.name), DETERMINISTIC
        if can_assist(run):
            texts = {item.reference: words_for_a_model(item, found.suspicious) for item in evidence_items(customer)}
            draft, method = _worded(run, draft, pack, texts, sensitivity_of(customer))
        return method, draft.model_dump(mode="json") | {"method": "model" if method == ASSISTED else method}

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        run.use("opportunity.write")
        customer = customer_of(run.actor, inputs)
        draft = OpportunityDraft.model_validate(content)
        opportunity = opportunity_record(customer=customer, draft=draft, actor=run.acting, process=run.process)
        return {"opportunity": str(opportunity.public_id), "hypotheses": len(draft.hypotheses)}

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        opportunity = Opportunity.objects.get(public_id=output["opportunity"])
        opportunity_withdraw(opportunity=opportunity, reason="The run was rolled back.", actor=run.acting, process=run.process)


def _tell_found(run: AgentRun, found: Discovery) -> None:
    for hypothesis in found.hypotheses:
        quotation = hypothesis.citations[0].quotation if hypothesis.citations else ""
        run.tell("found", {"driver": hypothesis.driver, "claim": hypothesis.claim, "quotation": quotation})
    for conflict in found.conflicts:
        run.notes.append(conflict.message)
    for sentence in found.suspicious:
        run.notes.append(f"A sentence addresses the software and was used for nothing: “{sentence.citation.quotation[:200]}”")
    run.tell("method", {"method": found.method, "assumptions": len(found.assumptions), "excluded": len(found.exclusions)})


def _draft(found: Discovery, pack: Pack, customer: str) -> OpportunityDraft:
    return OpportunityDraft(
        title=f"{pack.title} for {customer}",
        pack_key=pack.key,
        pack_version=pack.version,
        hypotheses=tuple(_hypothesis(hypothesis, found, pack) for hypothesis in found.hypotheses),
        personas=tuple(person.model_dump(mode="json") for person in found.personas),
        pains=tuple(pain.model_dump(mode="json") for pain in found.pains),
        method="deterministic",
    )


def _hypothesis(hypothesis: Hypothesis, found: Discovery, pack: Pack) -> HypothesisDraft:
    inputs = dict.fromkeys(row.input for row in pack.driver(hypothesis.driver).rows if row.input)
    assumptions = [known for name in inputs if (known := found.assumption(str(name)))]
    levels = [known.confidence for known in assumptions]
    weakest = next((level for level in ("low", "medium", "high") if level in levels), "")
    return HypothesisDraft.model_validate(
        {
            "driver_key": hypothesis.driver,
            "impact": hypothesis.impact,
            "claim": hypothesis.claim,
            "counted": hypothesis.counted,
            "quote": _quote(hypothesis.citations[0]) if hypothesis.citations else None,
            "quantities": [quantity for known in assumptions for quantity in _quantities(known, found.periods)],
            "confidence": weakest,
        }
    )


def _quantities(assumption: Assumption, periods: tuple[str, ...]) -> list[QuantityDraft]:
    """One figure where it holds for the whole term, else one a period: 38.4 % in the first year, 76.7 % from the second."""
    named = dict(zip(periods, assumption.values, strict=False)) if len(set(assumption.values)) > 1 else {"": assumption.values[0]}
    quote = _quote(assumption.source)
    return [
        QuantityDraft(input=assumption.input, value=value, unit=assumption.unit, period=period, quote=quote)
        for period, value in named.items()
    ]


def _quote(citation: Citation) -> QuoteDraft:
    return QuoteDraft.model_validate({"evidence": citation.reference, "start": citation.start, "end": citation.end})


def _worded(
    run: AgentRun, draft: OpportunityDraft, pack: Pack, texts: Mapping[str, str], sensitivity: Sensitivity
) -> tuple[OpportunityDraft, Method]:
    """The draft with claims in a model's words, where their quotation and every figure in them stand in the evidence."""
    drivers = "\n".join(f"- {d.key}: {d.label}. {d.claim}" for d in pack.drivers)
    documents = "\n\n".join(quoted(text, label=f"document {reference}") for reference, text in texts.items())
    answer = ask(run, WordedClaims, sensitivity=sensitivity, drivers=drivers, documents=documents)
    if answer is None:
        return draft, DETERMINISTIC
    sources = "\n".join(texts.values())
    accepted = {c.driver: c.claim for c in answer.claims if _stands(run, c, sources)}
    hypotheses = tuple(h.model_copy(update={"claim": accepted.get(h.driver_key, h.claim)}) for h in draft.hypotheses)
    return draft.model_copy(update={"hypotheses": hypotheses}), ASSISTED if accepted else DETERMINISTIC


def _stands(run: AgentRun, claim: WordedClaim, sources: str) -> bool:
    if claim.quotation not in sources:
        run.notes.append(f"Rejected the model's claim for {claim.driver}: its quotation is not in the evidence.")
        return False
    if missing := ungrounded_figures(claim.claim, sources):
        run.notes.append(f"Rejected the model's claim for {claim.driver}: {', '.join(missing)} stands in no evidence.")
        return False
    return True


AGENT = OpportunityAgent()
