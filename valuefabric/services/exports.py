"""Exported files: made from one content of a case, kept by hash, made once."""

import re

from django.db import IntegrityError, transaction

from kernel.storage.services import blob_put
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase, CaseVersion, Export
from valuefabric.selectors.case_workbook import case_workbook_made
from valuefabric.services.records import record, require_access
from valuefabric.topics import CaseExported


def case_export_workbook(*, case: BusinessCase, actor: Actor, version: CaseVersion | None = None, process: str = "") -> Export:
    """A version of the case (the present one) as a workbook with live formulas; made once per content, then returned as it is."""
    require_access(actor, Permission.CASE_VIEW, case.customer)
    version = version or case.versions.select_related("model_version").get(number=case.version)
    return _existing(case, version) or _made(case, version, actor, process)


def _existing(case: BusinessCase, version: CaseVersion) -> Export | None:
    return Export.objects.filter(case=case, kind="workbook", content_hash=version.content_hash).first()


def _made(case: BusinessCase, version: CaseVersion, actor: Actor, process: str) -> Export:
    content = case_workbook_made(version)
    try:
        with transaction.atomic():
            export = Export.objects.create(
                case=case,
                kind="workbook",
                content_hash=version.content_hash,
                blob=blob_put(content),
                filename=f"{_plain_name(case.title)}-v{version.number}.xlsx",
                size=len(content),
                created_by=actor.identifier,
            )
            _tell(export, actor, process)
            return export
    except IntegrityError:
        if existing := _existing(case, version):
            return existing
        raise


def _plain_name(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").lower()[:80] or "business-case"


def _tell(export: Export, actor: Actor, process: str) -> None:
    case = export.case
    payload = CaseExported(
        customer=str(case.customer.public_id),
        case=str(case.public_id),
        export=str(export.public_id),
        kind=export.kind,
        blob=export.blob,
    )
    detail = {"content_hash": export.content_hash}
    record(topic="value.case.exported", row=case, payload=payload, actor=actor, process=process, detail=detail)
