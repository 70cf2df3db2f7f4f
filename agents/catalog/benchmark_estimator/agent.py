"""The benchmark estimator: what is usual at comparable companies, by the pack's benchmarks.

A model may judge how comparable this customer is. It chooses a word and copies the sentence that speaks for it; what the word
weighs stands here, and the figure is the benchmark's.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from agents.assisted import ask, can_assist
from agents.customer import NothingToRead, customer_of, discovered, evidence_items, pack_of, sensitivity_of, words_for_a_model
from agents.estimates import NOTHING, Vote, benchmark_of, from_benchmark
from agents.estimator import Estimator
from agents.runtime.agent import ASSISTED, DETERMINISTIC, AgentRun, Method
from kernel.guardrails import quoted
from valuefabric.domain.packs import Pack
from valuefabric.models import Customer

Fit = Literal["close", "partly", "far"]
# A judgement may take weight from a benchmark, and gives it none: that companies are alike does not make a figure surer.
_SHARES: Mapping[Fit, Decimal] = {"close": Decimal(1), "partly": Decimal("0.5"), "far": Decimal("0.25")}


class Comparison(BaseModel):
    """How well a benchmark fits the customer, and the sentence of the documents that says so."""

    fit: Fit
    quotation: str


def _estimate(run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Vote]:
    customer, pack, name = customer_of(run.actor, inputs), pack_of(inputs), inputs["input"]
    run.use("benchmark.read")
    vote = from_benchmark(pack, name)
    if vote != NOTHING and can_assist(run):
        return _compared(run, vote, customer, pack, name)
    return DETERMINISTIC, vote


def _compared(run: AgentRun, vote: Vote, customer: Customer, pack: Pack, name: str) -> tuple[Method, Vote]:
    run.use("evidence.read")
    texts = _texts(customer, pack)
    benchmark = benchmark_of(pack, name)
    if not texts or benchmark is None:
        return DETERMINISTIC, vote
    answer = ask(
        run,
        Comparison,
        sensitivity=sensitivity_of(customer),
        benchmark=f"{pack.inputs[name].label}, for {pack.industry.title}. {benchmark.citation}.",
        documents="\n\n".join(quoted(text, label=f"document {reference}") for reference, text in texts.items()),
    )
    if answer is None:
        return DETERMINISTIC, vote
    if not answer.quotation.strip() or not any(answer.quotation in text for text in texts.values()):
        run.notes.append("Rejected the model's comparison: its quotation is not in the evidence.")
        return DETERMINISTIC, vote
    weight = Decimal(vote["weight"]) * _SHARES[answer.fit]
    words = f"a model finds that it fits {answer.fit}: “{' '.join(answer.quotation.split())}”"
    return ASSISTED, Vote(estimate=vote["estimate"], weight=str(weight), source=f"{vote['source']} ({words})")


def _texts(customer: Customer, pack: Pack) -> dict[str, str]:
    try:
        items = evidence_items(customer)
    except NothingToRead:
        return {}  # a benchmark needs no documents
    suspicious = discovered(customer, pack).suspicious
    return {item.reference: words_for_a_model(item, suspicious) for item in items}


AGENT = Estimator("benchmark_estimator", _estimate)
