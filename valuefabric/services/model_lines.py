"""Lines of a model's versions, the main one and branches: locked, and grown by a version at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from tenants.actors import Actor
from valuefabric.domain.model import ModelDocument, Source, content_hash
from valuefabric.domain.model.compiled import check_formulas
from valuefabric.models import Citation, Customer, Evidence, ModelBranch, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_plain, measures_of
from valuefabric.selectors.evidence import evidence_by_reference
from valuefabric.services.cases import cases_follow_model
from valuefabric.services.comment_places import comments_follow
from valuefabric.services.opportunities import QuoteDraft, quoted
from valuefabric.services.records import record, row_save
from valuefabric.topics import BranchChanged, ModelSaved


class ModelLocked(ValueError):
    """A commitment stands on the model, so it cannot be changed; propose an expansion, or reverse the commitment."""


class ModelChanged(ValueError):
    """Somebody saved another version in between; read it and edit again."""


class BranchClosed(ValueError):
    """The branch was closed; it is kept to be read."""


@dataclass(frozen=True)
class Line:
    """A line of versions under lock: the model's main one, or a branch. The model's row is locked for both, so numbers are given
    out one after the other."""

    model: ValueModel
    branch: ModelBranch | None = None

    @property
    def head_number(self) -> int:
        """The number of the newest version; 0 for a model that has none yet."""
        return self.branch.head_number if self.branch else self.model.head_number

    def head(self) -> ModelVersion | None:
        """The newest version."""
        return self.model.versions.filter(number=self.head_number).first()

    def require_open(self, expected_version: int | None) -> None:
        """Raise ModelLocked, BranchClosed or ModelChanged unless the line can grow from where the caller saw it."""
        if self.branch is None and self.model.locked_at:
            raise ModelLocked("This model is committed. Propose an expansion for a new one, or reverse the commitment first.")
        if self.branch is not None and self.branch.closed_at:
            raise BranchClosed(f"The branch {self.branch.name} is closed. Make another one from its newest version.")
        self.require_current(expected_version)

    def require_current(self, expected_version: int | None) -> None:
        """Raise ModelChanged unless the newest version is the one that the caller saw."""
        if expected_version is not None and expected_version != self.head_number:
            what = f"The branch {self.branch.name}" if self.branch else "The model"
            raise ModelChanged(
                f"{what} is at version {self.head_number} by now, not at {expected_version}. Read it and edit again."
            )


def line_locked(model: ValueModel, branch: ModelBranch | None = None) -> Line:
    """The line, locked until the transaction ends; the model first, so that nobody waits for somebody who waits for them."""
    head = ValueModel.objects.select_for_update().get(pk=model.pk)
    if branch is None:
        return Line(head)
    return Line(head, ModelBranch.objects.select_for_update().get(pk=branch.pk, model=head))


@dataclass(frozen=True)
class Content:
    """What a version will hold, computed before anything is locked where that can be."""

    document: ModelDocument
    digest: str
    measures: Mapping[str, Any]

    @classmethod
    def of(cls, document: ModelDocument) -> "Content":
        """The content of a document. Raises FormulaError for one that cannot be computed, in the base or in any scenario."""
        check_formulas(document)
        return cls(document, content_hash(document), measures_of(document))


def line_save(
    line: Line,
    content: Content,
    *,
    reason: str,
    actor: Actor,
    merged: ModelVersion | None = None,
    process: str = "",
    detail: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """Make the content the line's next version, in the caller's transaction: kept, cited, told. The same again is no version,
    unless it tells that another one was ``merged`` in.

    On the main line open cases follow, and comments on rows that were renamed. Raises QuotationRefused.
    """
    parent = line.head()
    if parent is not None and merged is None and parent.content_hash == content.digest:
        return parent
    version = _next_version(line, content, parent, merged, reason, actor)
    _cite(version, content.document, line.model.customer)
    more = {"reason": reason, **(detail or {})}
    if line.branch is None:
        if parent is not None:
            more |= comments_follow(parent=parent, document=content.document, actor=actor)
        payload = ModelSaved(**_payload(line, version))
        record(topic="value.model.saved", row=line.model, payload=payload, actor=actor, process=process, detail=more)
        cases_follow_model(version=version, reason=reason, actor=actor, process=process)
    else:
        branched = BranchChanged(**_payload(line, version), branch=str(line.branch.public_id))
        record(topic="value.branch.saved", row=line.branch, payload=branched, actor=actor, process=process, detail=more)
    return version


def _payload(line: Line, version: ModelVersion) -> dict[str, Any]:
    return {
        "customer": str(line.model.customer.public_id),
        "model": str(line.model.public_id),
        "version": version.number,
        "content_hash": version.content_hash,
    }


def _next_version(
    line: Line, content: Content, parent: ModelVersion | None, merged: ModelVersion | None, reason: str, actor: Actor
) -> ModelVersion:
    model, document = line.model, content.document
    number = (model.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    if line.branch is None:
        # Before the version: its row may not be changed any more, and a list of models shows title and head together.
        model.head_number, model.title, model.currency = number, document.title[:300], document.currency
        row_save(model, actor=actor, fields=["head_number", "title", "currency"])
    version = ModelVersion.objects.create(
        model=model,
        number=number,
        branch=line.branch,
        parent=parent,
        merge_parent=merged,
        document=document_plain(document),
        content_hash=content.digest,
        measures=content.measures,
        reason=reason[:500],
        by=actor.identifier,
    )
    if line.branch is not None:
        line.branch.head_number = number
        row_save(line.branch, actor=actor, fields=["head_number"])
    return version


def _cite(version: ModelVersion, document: ModelDocument, customer: Customer) -> None:
    """Keep a citation for each row that names evidence by its public id; the words must be the evidence's."""
    evidence = evidence_by_reference(customer)
    cited = [(row, quote) for row in document.rows if (quote := _quote(row.source, evidence))]
    citations = []
    for row, quote in cited:
        source, words = quoted(quote, evidence, f"Row {row.key}")
        citations.append(
            Citation(model_version=version, row=row.key, evidence=source, start=quote.start, end=quote.end, quotation=words)
        )
    Citation.objects.bulk_create(citations)


def _quote(source: Source | None, evidence: Mapping[str, Evidence]) -> QuoteDraft | None:
    """The place that a source names; None for a citation in words, which the manifesto's fourth rule judges."""
    if source is None or source.start is None or source.end is None or not source.end:
        return None
    reference = source.reference.removeprefix("evidence:")
    if reference not in evidence and source.kind != "evidence":
        return None
    return QuoteDraft(evidence=reference, start=source.start, end=source.end, quotation=source.quotation)
