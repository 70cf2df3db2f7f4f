"""The evidence estimator: what the customer's own documents say of an assumption.

Where the grammar finds no figure, a model may point at the sentence that states it. Code then reads the figure from that
sentence, and only if it stands in a document and is of the assumption's unit: the model supplies no figure.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from agents.assisted import ask, can_assist
from agents.customer import NothingToRead, customer_of, discovered, evidence_items, pack_of, sensitivity_of, words_for_a_model
from agents.estimates import NOTHING, Vote, from_evidence
from agents.estimator import Estimator
from agents.runtime.agent import ASSISTED, DETERMINISTIC, AgentRun, Method
from kernel.guardrails import quoted
from valuefabric.domain.discovery import Discovery, quantities
from valuefabric.domain.discovery.matching import unit_fits
from valuefabric.domain.packs import Pack
from valuefabric.domain.packs.schema import InputSpec
from valuefabric.models import Customer

_PERCENT = Decimal(100)
# As a document's figure of low confidence: it stands there, but that it is about this assumption is a model's reading.
_WEIGHT = "1"


class Pointed(BaseModel):
    """Where a model found the figure: the sentence and the figure in it, both copied; empty where no sentence states it."""

    quotation: str
    figure: str


def _estimate(run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Vote]:
    customer, pack, name = customer_of(run.actor, inputs), pack_of(inputs), inputs["input"]
    run.use("evidence.read")
    try:
        found = discovered(customer, pack)
    except NothingToRead as nothing:
        run.notes.append(str(nothing))
        return DETERMINISTIC, NOTHING
    vote = from_evidence(found, name)
    if vote == NOTHING and can_assist(run):
        vote = _pointed_at(run, customer, pack, found, name)
        return (ASSISTED if vote != NOTHING else DETERMINISTIC), vote
    return DETERMINISTIC, vote


def _pointed_at(run: AgentRun, customer: Customer, pack: Pack, found: Discovery, name: str) -> Vote:
    spec = pack.inputs[name]
    texts = {item.reference: words_for_a_model(item, found.suspicious) for item in evidence_items(customer)}
    documents = "\n\n".join(quoted(text, label=f"document {reference}") for reference, text in texts.items())
    answer = ask(
        run, Pointed, sensitivity=sensitivity_of(customer), assumption=f"{spec.label}: {spec.meaning}", documents=documents
    )
    if answer is None or not answer.quotation.strip():
        return NOTHING
    reference = next((each for each, text in texts.items() if answer.quotation in text), None)
    if reference is None:
        run.notes.append("Rejected what the model pointed at: its quotation is not in the evidence.")
        return NOTHING
    values = _figures(answer, spec)
    if len(values) != 1:
        run.notes.append(f"Rejected what the model pointed at: “{answer.figure}” is not one figure of it in {spec.unit}.")
        return NOTHING
    source = f"evidence {reference}: “{' '.join(answer.quotation.split())}” (a model pointed at it, code read the figure)"
    return Vote(estimate=str(values[0]), weight=_WEIGHT, source=source)


def _figures(answer: Pointed, spec: InputSpec) -> Sequence[Decimal]:
    """The different values of what the sentence states in the words that were pointed at, in the model's scale."""
    stated = [one for one in quantities(answer.quotation) if one.text == answer.figure.strip() and unit_fits(one.unit, spec)]
    return list(dict.fromkeys(one.value / _PERCENT if one.unit == "percent" else one.value for one in stated))


AGENT = Estimator("evidence_estimator", _estimate)
