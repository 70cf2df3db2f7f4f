"""What is at stake when a case is committed, and what the case that was put before people stands on."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from approvals.risk import Audience, Risk
from approvals.summaries import Evidence as Basis
from valuefabric.models import CaseVersion, Evidence


def commit_stakes(measures: Mapping[str, Any]) -> Risk:
    """The benefits that would be promised to the customer. A promise made cannot be unmade."""
    return Risk(
        money=Decimal(measures["pv_benefits"]),
        currency=measures["currency"],
        irreversible=True,
        audience=Audience.CUSTOMER,
    )


def commit_evidence(subject: str, content_hash: str) -> tuple[Basis, ...]:
    """The model of the version that has ``content_hash``, and every document that it quotes, with hashes; none if unknown."""
    try:
        public_id = uuid.UUID(subject.partition(":")[2])
    except ValueError:
        return ()
    rows = CaseVersion.objects.filter(case__public_id=public_id, content_hash=content_hash)
    version = rows.select_related("case__customer", "model_version").first()
    if version is None:
        return ()
    customer = version.case.customer.public_id
    model = Basis(
        title=f"Model version {version.model_version.number}",
        kind="model",
        content_hash=version.model_version.content_hash,
        href=f"/customers/{customer}/model/",
    )
    quoted = Evidence.objects.filter(citations__model_version=version.model_version).distinct().order_by("pk")
    return (
        model,
        *(
            Basis(
                title=document.filename,
                kind="evidence",
                content_hash=f"sha256:{document.sha256}",
                href=f"/customers/{customer}/evidence/{document.public_id}/",
            )
            for document in quoted
        ),
    )
