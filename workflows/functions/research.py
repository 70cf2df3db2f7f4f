"""Sources of knowledge for account research: each concludes from the board what it can, and cites what it read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from agents.customer import customer_of, discovered, pack_of
from valuefabric.domain.discovery import Citation, Discovery
from valuefabric.domain.packs import Pack
from valuefabric.domain.packs.build import missing_evidence
from workflows.steps.dependencies import BLOBS
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun

type Entry = dict[str, Any]
type Source = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Entry]]


def facts_of(found: Discovery, pack: Pack) -> dict[str, Any]:
    """What the documents say, JSON-ready, each with its quotation; read once and given to every source."""
    return {
        "people": [
            {"title": person.title, "function": person.function, "side": person.side, **_cited(person.citation)}
            for person in found.personas
        ],
        "pains": [{"driver": pain.driver, **_cited(pain.citation)} for pain in found.pains],
        "figures": [
            {"input": known.input, "label": known.label, "confidence": known.confidence, **_cited(known.source)}
            for known in found.assumptions
        ],
        "drivers": [
            {"driver": each.driver, "claim": each.claim, "inputs": _inputs(pack, each.driver)} for each in found.hypotheses
        ],
        "questions": [
            {"driver": each.driver, "input": each.input, "question": each.question} for each in missing_evidence(pack, found)
        ],
        "owner": found.owner.title if found.owner else "",
    }


def _cited(citation: Citation) -> dict[str, Any]:
    return {"quotation": citation.quotation, "evidence": citation.reference, "start": citation.start, "end": citation.end}


def _inputs(pack: Pack, driver: str) -> list[str]:
    return [row.input for row in pack.driver(driver).rows if row.input]


def on_board(board: Mapping[str, Any], topic: str) -> list[Entry]:
    """The entries of one topic, in the order of their keys."""
    return [board[key] for key in sorted(board) if board[key]["topic"] == topic]


def people(facts: Mapping[str, Any], _board: Mapping[str, Any]) -> Iterator[Entry]:
    """Who takes part."""
    for person in facts["people"]:
        yield {"key": f"person:{person['title'].lower()}", "topic": "person", "text": person["title"], **person}


def pains(facts: Mapping[str, Any], _board: Mapping[str, Any]) -> Iterator[Entry]:
    """What hurts, in the customer's words."""
    for pain in facts["pains"]:
        yield {"key": f"pain:{pain['evidence']}:{pain['start']}", "topic": "pain", "text": pain["quotation"], **pain}


def figures(facts: Mapping[str, Any], _board: Mapping[str, Any]) -> Iterator[Entry]:
    """Which figures are known."""
    for figure in facts["figures"]:
        yield {"key": f"figure:{figure['input']}", "topic": "figure", "text": figure["label"], **figure}


def drivers(facts: Mapping[str, Any], board: Mapping[str, Any]) -> Iterator[Entry]:
    """Which drivers speak for themselves, once a pain or a figure of theirs is on the board."""
    hurting = {pain["driver"] for pain in on_board(board, "pain")}
    known = {figure["input"] for figure in on_board(board, "figure")}
    for driver in facts["drivers"]:
        if driver["driver"] in hurting or known.intersection(driver["inputs"]):
            yield {"key": f"driver:{driver['driver']}", "topic": "driver", "text": driver["claim"], **driver}


def questions(facts: Mapping[str, Any], board: Mapping[str, Any]) -> Iterator[Entry]:
    """What is still to be asked about drivers that are on the board."""
    wanted = {driver["driver"] for driver in on_board(board, "driver")}
    for question in facts["questions"]:
        if question["driver"] in wanted:
            yield {"key": f"question:{question['input']}", "topic": "question", "text": question["question"], **question}


def next_steps(facts: Mapping[str, Any], board: Mapping[str, Any]) -> Iterator[Entry]:
    """Whom to ask what, once people and questions are on the board; without a question, whom to show the drivers to."""
    customers = [person["title"] for person in on_board(board, "person") if person["side"] == "customer"]
    whom = facts["owner"] or next(iter(customers), "")
    if not whom:
        return
    for question in on_board(board, "question"):
        yield {"key": f"next:{question['key']}", "topic": "next_step", "text": f"Ask {whom}: {question['text']}"}
    for driver in on_board(board, "driver"):
        yield {"key": f"next:{driver['key']}", "topic": "next_step", "text": f"Show {whom}: {driver['text']}"}


SOURCES: Mapping[str, Source] = {
    "people": people,
    "pains": pains,
    "figures": figures,
    "drivers": drivers,
    "questions": questions,
    "next_steps": next_steps,
}


def _read(run: StepRun) -> dict[str, Any]:
    pack = pack_of(run.inputs)
    return facts_of(discovered(customer_of(run.actor, run.inputs), pack), pack)


def _facts(_run: StepRun, prepared: Any) -> Mapping[str, Any]:
    return {"facts": prepared}


def _source(source: Source) -> Callable[[StepRun, Any], Mapping[str, Any]]:
    return lambda run, _prepared: {"entries": list(source(run.inputs["facts"], run.inputs["board"]))}


FUNCTIONS = (
    StepFunction("research.read", prepare=_read, commit=_facts, depends_on=BLOBS),
    *(StepFunction(f"research.{name}", commit=_source(source)) for name, source in SOURCES.items()),
)
