"""What the manifesto's rules look at: one business case, with everything that they may need to judge it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, InstanceOf

from valuefabric.domain.model import Computation, ModelDocument

STANDARD_SECTIONS = ("summary", "situation", "value", "assumptions", "risks", "measurement", "next_steps")
STAGES = ("opportunity", "target", "commitment", "realization", "expansion")
MODEL_PART = "model"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stakeholder(_Frozen):
    """Somebody on the customer's side and the function (finance, customer success, …) that they speak for."""

    name: str
    function: str


class NarrativeFigure(_Frozen):
    """Where a number in the narrative comes from: a computed `cell`, or a `quotation` out of the evidence `reference`.

    `text` is the number as written in the section. `docs/manifesto.md` lists the cells there are.
    """

    section: str
    text: str
    cell: str | None = None
    reference: str | None = None
    quotation: str = ""


class FabricKpi(_Frozen):
    """A KPI as the value fabric defines it; `row` is the model row that must carry `formula`, where there is one."""

    unit: str
    formula: str
    row: str | None = None


class PlanEntry(_Frozen):
    """How one KPI will be measured."""

    source_system: str = ""
    cadence: str = ""
    owner: str = ""


class AiLabel(_Frozen):
    """Who made a part (a section, or `model`): a person, code alone, or code with a language model."""

    part: str
    method: Literal["person", "deterministic", "model_assisted"]
    agent: str = ""
    reviewed_by: str = ""


class GateExemption(_Frozen):
    """One row that somebody let pass one rule of the gate, as far beyond its limit as ``up_to``; ``on`` is a date."""

    rule: str
    row: str
    up_to: Decimal
    reason: str
    by: str
    on: str


class CaseUnderReview(_Frozen):
    """A business case as the integrity agent hands it to the rules. `evidence` maps ids to canonical texts.

    `forbidden` are phrases that somebody at the customer asked to keep out; `exclusions` name what is listed and not counted.
    """

    title: str
    stage: str
    owner: str
    stakeholders: tuple[Stakeholder, ...] = ()
    narrative: Mapping[str, str] = {}
    narrative_figures: tuple[NarrativeFigure, ...] = ()
    document: ModelDocument
    computation: InstanceOf[Computation]
    scenarios: Mapping[str, InstanceOf[Computation]] = {}
    fabric_kpis: Mapping[str, FabricKpi] = {}
    measurement_plan: Mapping[str, PlanEntry] = {}
    ai_labels: tuple[AiLabel, ...] = ()
    version: int
    previous_hash: str = ""
    evidence: Mapping[str, str] = {}
    uncertainties: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    exemptions: tuple[GateExemption, ...] = ()
    content_hash: str
