"""What is said about a case when it is drafted, and as which columns it is kept."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from valuefabric.domain.manifesto.case import AiLabel, NarrativeFigure, PlanEntry, Stakeholder


class CaseDraft(BaseModel):
    """A business case's story. ``narrative`` maps sections to texts, in reading order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=300)
    outcome_owner: str = Field(default="", max_length=200)
    narrative: Mapping[str, str]
    narrative_figures: tuple[NarrativeFigure, ...] = ()
    stakeholders: tuple[Stakeholder, ...] = ()
    exclusions: tuple[str, ...] = ()
    uncertainties: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    measurement_plan: Mapping[str, PlanEntry] = {}
    ai_labels: tuple[AiLabel, ...] = ()


def case_columns(draft: CaseDraft) -> dict[str, Any]:
    """The draft as the columns of ``CaseContent``."""
    plain = draft.model_dump(mode="json")
    plain["narrative"] = [{"section": section, "text": text} for section, text in draft.narrative.items()]
    return plain
