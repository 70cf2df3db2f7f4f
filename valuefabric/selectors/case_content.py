"""What a case's hash is over, recomputed from its rows each time: a stored hash proves nothing about what lies beside it."""

import hashlib
import json
from typing import Any

from valuefabric.domain.model import content_hash
from valuefabric.models import BusinessCase, CaseVersion
from valuefabric.selectors.documents import document_of

CONTENT_COLUMNS = (
    "title", "outcome_owner", "narrative", "narrative_figures", "stakeholders", "exclusions", "uncertainties", "forbidden",
    "measurement_plan", "ai_labels",
)  # fmt: skip


def case_content(case: BusinessCase) -> dict[str, Any]:
    """Everything that an approval of the case binds to, JSON-ready; the model by the hash of its stored document."""
    return {
        "format": "vos.case/1",
        "case": str(case.public_id),
        "customer": str(case.customer.public_id),
        **{name: getattr(case, name) for name in CONTENT_COLUMNS},
        "model": content_hash(document_of(case.model_version)),
        "version": case.version,
        "previous_hash": case.previous_hash,
    }


def case_version_content(version: CaseVersion) -> dict[str, Any]:
    """The same of a kept version."""
    return {
        "format": "vos.case/1",
        "case": str(version.case.public_id),
        "customer": str(version.case.customer.public_id),
        **{name: getattr(version, name) for name in CONTENT_COLUMNS},
        "model": content_hash(document_of(version.model_version)),
        "version": version.number,
        "previous_hash": version.previous_hash,
    }


def case_hash(case: BusinessCase) -> str:
    """``sha256:<hex>`` over the case's content as it lies in the database."""
    return canonical_hash(case_content(case))


def canonical_hash(content: Any) -> str:
    """``sha256:<hex>`` over JSON with sorted keys and no spaces."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
