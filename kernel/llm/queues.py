"""Each deployment's queue: its name, and the rules that follow from the operators' rows."""

import logging

from django.conf import settings

from kernel.llm.models import ModelDeployment, ModelGroupPolicy
from kernel.llm.selectors import group_policy, provider_limit, share_weights
from kernel.scheduler.admission import AdmissionUnavailable, Limits, Rules, admission_configure
from kernel.scheduler.policies import Discipline, Policy, Priority, Request
from kernel.schemas import current_schema

logger = logging.getLogger(__name__)


def queue_name(deployment: ModelDeployment) -> str:
    """The name of the queue for ``deployment``'s slots."""
    return f"llm:{deployment.pk}"


def queue_rules(deployment: ModelDeployment) -> Rules:
    """How ``deployment``'s queue admits, as its group's policy, its own limits and its provider's stand now."""
    row, provider = group_policy(deployment.group), provider_limit(deployment.provider)
    return Rules(
        concurrency=deployment.max_concurrency,
        grace_seconds=getattr(settings, "VOS_ADMISSION_GRACE_SECONDS", 5.0),
        longest_queue=row.longest_queue,
        policy=_policy(row),
        limits=Limits(
            requests=deployment.requests_per_minute,
            tokens=deployment.tokens_per_minute,
            provider=provider.provider,
            provider_requests=provider.requests_per_minute,
            provider_tokens=provider.tokens_per_minute,
            burst_seconds=row.burst_seconds,
        ),
    )


def queue_request(
    deployment: ModelDeployment,
    unit: str,
    *,
    priority: Priority,
    tokens: int,
    deadline_seconds: float | None,
    preemptible: bool = False,
    works: tuple[str, ...] = (),
) -> Request:
    """What the current tenant asks of ``deployment``'s queue, with the weights it has there."""
    tenant = current_schema()
    tenant_weight, unit_weight = share_weights(deployment.group, tenant, unit)
    return Request(tenant, unit, priority, tokens, deadline_seconds, tenant_weight, unit_weight, preemptible, works)


def work_of_process(process: str) -> str:
    """The name under which a process' calls inherit the class of who waits for it (``work_promote``, ``work_nudge``)."""
    return f"process:{process}"


def work_of_flight(flight: str) -> str:
    """The same for a call whose answer several wait for."""
    return f"flight:{flight}"


def works_of(process: str, flight: str) -> tuple[str, ...]:
    """All that a call is part of."""
    return (*([work_of_process(process)] if process else []), *([work_of_flight(flight)] if flight else []))


def group_configure(group: str) -> None:
    """Put ``group``'s changed policy into force for those who wait now; later callers bring it anyway."""
    for deployment in ModelDeployment.objects.filter(group=group):
        try:
            admission_configure(queue_name(deployment), queue_rules(deployment))
        except AdmissionUnavailable:
            logger.warning("a policy could not be sent; the next caller brings it", extra={"group": group})


def _policy(row: ModelGroupPolicy) -> Policy:
    return Policy(
        discipline=Discipline(row.discipline),
        version=round(row.updated_at.timestamp() * 1_000_000) if row.updated_at else 0,
        quantum_tokens=row.quantum_tokens,
        aging_seconds=row.aging_seconds,
        horizon_seconds=row.horizon_seconds,
        slot_share=row.slot_share,
        queue_share=row.queue_share,
    )
