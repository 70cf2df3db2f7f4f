"""The queues of all deployments as they stand now, for the operators' live page."""

from dataclasses import dataclass

from kernel.llm.health import health_of
from kernel.llm.models import ModelDeployment
from kernel.llm.queues import queue_name, queue_rules
from kernel.llm.selectors import tenant_weights
from kernel.scheduler.admission import AdmissionUnavailable, Survey, TenantPart, admission_survey


@dataclass(frozen=True)
class QueueNow:
    """One deployment's queue; no survey while Valkey is away."""

    deployment: ModelDeployment
    survey: Survey | None
    health: str
    health_seconds: float
    weights: dict[str, int]

    @property
    def parts(self) -> list[tuple[TenantPart, int, float]]:
        """Each tenant's part, its weight, and the per cent of the slots in use that it holds."""
        survey = self.survey
        if survey is None:
            return []
        held = max(len(survey.holding), 1)
        return [(part, self.weights.get(part.tenant, 1), 100 * part.slots / held) for part in survey.parts()]

    @property
    def says(self) -> str:
        """What keeps everybody waiting, in words; empty if nothing but the number of slots does."""
        survey = self.survey
        if survey is None:
            return "Valkey does not answer: nobody is admitted."
        if survey.grace_seconds:
            return f"Valkey was emptied: holders have {survey.grace_seconds:.0f} s to say so before others are let in."
        if survey.stopped_seconds:
            return f"The provider wants no calls for another {survey.stopped_seconds:.0f} s."
        if survey.blocked_seconds and survey.waiting:
            return f"The limit per minute is used up: the next may go in {survey.blocked_seconds:.1f} s."
        return ""


def queue_surveys() -> list[QueueNow]:
    """Every enabled deployment's queue, by group and rank."""
    deployments = list(ModelDeployment.objects.filter(enabled=True).order_by("group", "rank", "pk"))
    health = health_of([deployment.pk for deployment in deployments])
    return [_now(one, health[one.pk].name, health[one.pk].open_seconds) for one in deployments]


def _now(deployment: ModelDeployment, health: str, seconds: float) -> QueueNow:
    try:
        survey = admission_survey(queue_name(deployment), queue_rules(deployment))
    except AdmissionUnavailable:
        survey = None
    return QueueNow(deployment, survey, health, seconds, tenant_weights(deployment.group))
