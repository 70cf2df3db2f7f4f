"""Reading a case's record: in a fixed number of queries, each part from the app that keeps it."""

from collections.abc import Mapping

from approvals.people import names_of
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.stamps import Stamp, verify_stamp
from valuefabric.models import BusinessCase, CaseLink, CaseVersion, Commitment, IntegrityReview
from valuefabric.models import Export as ExportRow
from valuefabric.selectors.case_content import canonical_hash, case_version_content
from valuefabric.selectors.stamps import stamp_public_key
from vos.web.records.asking import requests_of, sightings_of
from vos.web.records.audit import audit_of
from vos.web.records.documents import documents_of
from vos.web.records.lines import CaseRecord, Committed, Export, Link, Stamped, Verdict, Version

MOST_LINKS = 200
# The measures that a reader knows a commitment by, in the order of the approval's page.
_MEASURES = ("currency", "pv_benefits", "pv_costs", "npv", "payback_text")


def case_record(case: BusinessCase, actor: Actor) -> CaseRecord:
    """Everything that is kept about how a case came to stand. The caller has checked that the actor may see the case."""
    versions = list(case.versions.select_related("case__customer", "model_version__model").order_by("number"))
    commitments = list(case.commitments.order_by("-id"))
    reviews = list(case.reviews.order_by("-id"))
    links = list(case.links.select_related("case_version").order_by("-id")[:MOST_LINKS])
    exports = list(case.exports.order_by("-id"))
    by_hash = {version.content_hash: version.number for version in versions}
    standing = _standing_version(versions, commitments)
    people = {row.by for row in versions} | {row.reviewed_by for row in reviews}
    people |= {link.created_by for link in links} | {export.created_by for export in exports}
    people |= {who for row in commitments for who in (row.committed_by, row.reversed_by) if who}
    names = names_of(people)
    requests = requests_of(actor, case, by_hash)
    return CaseRecord(
        case=str(case.public_id),
        title=case.title,
        customer=case.customer.name,
        state=case.state,
        version=case.version,
        content_hash=case.content_hash,
        versions=tuple(_version(version, names) for version in versions),
        commitments=tuple(_committed(one, by_hash, names) for one in commitments),
        requests=requests,
        sightings=sightings_of(actor, case, by_hash),
        links=tuple(_link(link, names) for link in links),
        documents=documents_of(standing) if standing else (),
        stamps=tuple(_stamped(review, names) for review in reviews),
        exports=tuple(_export(export, names) for export in exports),
        audit=audit_of(case, commitments, links, requests) if actor.allows(Permission.AUDIT_VIEW) else None,
    )


def _standing_version(versions: list[CaseVersion], commitments: list[Commitment]) -> CaseVersion | None:
    """The version whose evidence is shown: the one that was committed, else the newest."""
    committed = next((one for one in commitments if one.reversed_at is None), next(iter(commitments), None))
    found = [version for version in versions if committed is not None and version.content_hash == committed.content_hash]
    return (found or versions)[-1] if versions else None


def _version(version: CaseVersion, names: Mapping[str, str]) -> Version:
    same = canonical_hash(case_version_content(version)) == version.content_hash
    return Version(
        number=version.number,
        at=version.created_at,
        by=names[version.by],
        reason=version.reason,
        content_hash=version.content_hash,
        model_version=version.model_version.number,
        model_hash=version.model_version.content_hash,
        verdict=Verdict.HOLDS if same else Verdict.BROKEN,
    )


def _committed(row: Commitment, by_hash: Mapping[str, int], names: Mapping[str, str]) -> Committed:
    return Committed(
        id=str(row.public_id),
        at=row.committed_at,
        by=names[row.committed_by],
        version=by_hash.get(row.content_hash),
        content_hash=row.content_hash,
        approval=str(row.approval_request),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        measures={name: row.measures.get(name) for name in _MEASURES},
        reversed_at=row.reversed_at,
        reversed_by=names.get(row.reversed_by, ""),
        reversed_reason=row.reversed_reason,
    )


def _stamped(review: IntegrityReview, names: Mapping[str, str]) -> Stamped:
    stamp = Stamp.model_validate(review.stamp) if review.stamp else None
    holds = stamp is not None and verify_stamp(stamp_public_key(), stamp, content_hash=review.content_hash)
    return Stamped(
        version=review.case_version,
        content_hash=review.content_hash,
        passed=review.passed,
        findings=len(review.violations),
        rule_set=review.rule_set_version,
        rule_set_hash=review.rule_set_hash,
        by=names[review.reviewed_by],
        at=review.reviewed_at,
        key_id=stamp.key_id if stamp else "",
        verdict=(Verdict.HOLDS if holds else Verdict.BROKEN) if stamp else Verdict.OPEN,
    )


def _link(link: CaseLink, names: Mapping[str, str]) -> Link:
    return Link(
        recipient=link.recipient,
        version=link.case_version.number,
        by=names[link.created_by],
        at=link.created_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        opened=link.opened_count,
        last_opened_at=link.last_opened_at,
    )


def _export(export: ExportRow, names: Mapping[str, str]) -> Export:
    return Export(
        kind=export.kind,
        filename=export.filename,
        content_hash=export.content_hash,
        blob=export.blob,
        by=names[export.created_by],
        at=export.created_at,
    )
