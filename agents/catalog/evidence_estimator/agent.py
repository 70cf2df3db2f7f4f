"""The evidence estimator: what the customer's own documents say of an assumption.

Where the grammar finds no figure, a model may point at the sentence that states it. Code then reads the figure from that
sentence, and only if it stands in a document and is of the assumption's unit: the model supplies no figure.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from agents.assisted import ask, can_assist
from agents.customer import (
    NothingToRead,
    customer_of,
    discovered,
    document_titles,
    evidence_items,
    pack_of,
    sensitivity_of,
    words_for_a_model,
)
from agents.estimates import NOTHING, Vote, document_title, from_evidence
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
    vote = from_evidence(found, name, document_titles(customer))
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
    values = _figures(texts[reference], answer, spec)
    if len(values) != 1:
        run.notes.append(f"Rejected what the model pointed at: “{answer.figure}” is not one figure of it in {spec.unit}.")
        return NOTHING
    words = f"“{' '.join(answer.quotation.split())}” (a model pointed at it, code read the figure)"
    source = f"{document_title(reference, document_titles(customer))}: {words}"
    return Vote(estimate=str(values[0]), weight=_WEIGHT, source=source)


def _figures(text: str, answer: Pointed, spec: InputSpec) -> Sequence[Decimal]:
    """The different values that the document states there in the words that were pointed at, in the model's scale.

    Read from the document and not from the copy: of "47.5%" a copy could begin at the 5.
    """
    start = text.index(answer.quotation)
    end = start + len(answer.quotation)
    there = [one for one in quantities(text) if start <= one.start and one.end <= end and one.text == answer.figure.strip()]
    stated = [one for one in there if unit_fits(one.unit, spec)]
    return list(dict.fromkeys(one.value / _PERCENT if one.unit == "percent" else one.value for one in stated))


AGENT = Estimator("evidence_estimator", _estimate)
