"""The target agent: from drivers and assumptions to a computed model and a drafted case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from agents.assisted import ask, can_assist, ungrounded_figures
from agents.catalog.target.narrative import exclusions, planned_kpis, uncertainties, write_story
from agents.catalog.target.story import Story
from agents.catalog.target.tree import tree_of
from agents.customer import customer_of, discovered, pack_of, sensitivity_of
from agents.runtime.agent import AgentRun, Method
from agents.steering import said_to
from kernel.llm.sensitivity import Sensitivity
from kernel.processes.selectors import process_get
from valuefabric.domain.discovery import Discovery
from valuefabric.domain.manifesto import AiLabel, PlanEntry, Stakeholder
from valuefabric.domain.model import Computation, ModelDocument, compute, dump_model, load_model
from valuefabric.domain.packs import Pack
from valuefabric.domain.packs.build import build_model, missing_evidence
from valuefabric.models import BusinessCase, Customer, Opportunity
from valuefabric.services.case_drafts import CaseDraft
from valuefabric.services.cases import case_draft, case_withdraw
from valuefabric.services.value_models import model_save, model_withdraw
from valuefabric.services.value_tree import value_tree_record
from valuefabric.services.value_tree_revert import value_tree_revert

# Only the opening is reworded: it is what a reader sees first, and the sections below it are lists of figures.
REWORDED = ("summary",)


class Reworded(BaseModel):
    """A section as a model words it."""

    text: str


@dataclass(frozen=True)
class TargetAgent:
    """See the module."""

    name: str = "target"

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        customer, pack = customer_of(run.actor, inputs), pack_of(inputs)
        run.use("evidence.read")
        said = said_to(run, pack)
        found = said.applied(discovered(customer, pack))
        _tell_missing(run, pack, found)
        document = build_model(
            pack, found, model_id=f"{pack.key}-{customer.public_id}", title=f"{pack.title} for {customer.name}"
        )
        computation = compute(document)
        _tell_computed(run, computation)
        story = write_story(document, computation, _scenarios(document), found, pack)
        reworded = _reword(run, story, sensitivity_of(customer)) if can_assist(run) else frozenset[str]()
        draft = _draft(run, customer, pack, found, story, reworded)
        draft = draft.model_copy(
            update={"uncertainties": (*draft.uncertainties, *said.notes), "forbidden": (*draft.forbidden, *said.never_say)}
        )
        method: Method = "model-assisted" if reworded else "deterministic"
        return method, {"document": dump_model(document), "draft": draft.model_dump(mode="json")}

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        run.use("model.write")
        run.use("case.write")
        customer, pack = customer_of(run.actor, inputs), pack_of(inputs)
        document, draft = load_model(content["document"]), CaseDraft.model_validate(content["draft"])
        opportunity = Opportunity.objects.get(public_id=inputs["opportunity"]) if inputs.get("opportunity") else None
        version = model_save(
            customer=customer,
            document=document,
            reason="built from evidence",
            actor=run.acting,
            opportunity=opportunity,
            process=run.process,
        )
        tree = tree_of(pack, document, ai_label=f"{method} by {run.manifest.identifier}", reviewed_by="")
        value_tree_record(customer=customer, draft=tree, actor=run.acting, process=run.process)
        case = case_draft(customer=customer, model_version=version, draft=draft, actor=run.acting, process=run.process)
        return {"case": str(case.public_id), "model": str(version.model.public_id), "content_hash": case.content_hash}

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        case = BusinessCase.objects.get(public_id=output["case"])
        case_withdraw(case=case, reason="The run was rolled back.", actor=run.acting, process=run.process)
        model_withdraw(model=case.model_version.model, actor=run.acting, process=run.process)
        # Cases and models are the run's own; the tree was there before, and gets back what this run changed in it.
        process = process_get(run.process)
        value_tree_revert(
            customer=case.customer, writer=process.agent, since=process.created_at, actor=run.acting, process=run.process
        )


def _tell_missing(run: AgentRun, pack: Pack, found: Discovery) -> None:
    for missing in missing_evidence(pack, found):
        run.notes.append(missing.question)
        run.tell("question", {"driver": missing.driver, "question": missing.question})


def _tell_computed(run: AgentRun, computation: Computation) -> None:
    for driver in computation.drivers:
        run.tell("computed", {"driver": driver.key, "label": driver.label, "pv": str(driver.pv), "counted": driver.counted})
    run.tell("computed", {"measure": "npv", "value": str(computation.measures.npv)})


def _scenarios(document: ModelDocument) -> dict[str, Computation]:
    return {"low": compute(document, scenario="low"), "high": compute(document, scenario="high")}


def _reword(run: AgentRun, story: Story, sensitivity: Sensitivity) -> frozenset[str]:
    """Let the model reword what it may, and keep it only where it brings no figure of its own and loses none."""
    accepted = set()
    for section in REWORDED:
        text = story.sections[section]
        answer = ask(run, Reworded, sensitivity=sensitivity, section=section, text=text, words=str(len(text.split()) + 40))
        if answer is not None and _keeps_figures(run, section, text, answer.text):
            story.sections[section] = answer.text.strip()
            accepted.add(section)
    return frozenset(accepted)


def _keeps_figures(run: AgentRun, section: str, before: str, after: str) -> bool:
    added, lost = ungrounded_figures(after, before), ungrounded_figures(before, after)
    if added or lost:
        what = f"it brings {', '.join(added)}" if added else f"it drops {', '.join(lost)}"
        run.notes.append(f"Rejected the model's wording of the section {section}: {what}.")
    return not added and not lost


def _draft(run: AgentRun, customer: Customer, pack: Pack, found: Discovery, story: Story, reworded: frozenset[str]) -> CaseDraft:
    document = story.document
    return CaseDraft(
        title=f"{pack.title}: the business case for {customer.name}",
        outcome_owner=found.owner.title if found.owner else "",
        narrative=story.sections,
        narrative_figures=tuple(story.figures),
        stakeholders=tuple(
            Stakeholder(name=person.name or person.title, function=person.function)
            for person in found.personas
            if person.side == "customer"
        ),
        exclusions=tuple(exclusions(document)),
        uncertainties=tuple(uncertainties(document, found)),
        forbidden=tuple(sentence.phrase for sentence in found.forbidden),
        measurement_plan={
            key: PlanEntry.model_validate(pack.kpis[key].plan.model_dump()) for key in planned_kpis(document, pack)
        },
        ai_labels=tuple(
            AiLabel(part=part, method="model_assisted" if part in reworded else "deterministic", agent=run.manifest.identifier)
            for part in ("model", *story.sections)
        ),
    )


AGENT = TargetAgent()
