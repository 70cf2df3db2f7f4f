"""Reading a model's versions and branches: lists without documents, one version, where versions come from."""

from uuid import UUID

from django.db.models import QuerySet, Subquery

from valuefabric.domain.versions import ModelDifference, difference
from valuefabric.domain.versions.history import Parents, lineage
from valuefabric.models import ModelBranch, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of


def versions_listed(model: ValueModel) -> QuerySet[ModelVersion]:
    """All versions of all lines, newest first, without their documents."""
    rows = ModelVersion.objects.filter(model=model).select_related("branch", "parent", "merge_parent").order_by("-number")
    return rows.defer("document", "parent__document", "merge_parent__document")


def version_numbered(model: ValueModel, number: int) -> ModelVersion | None:
    """The version of that number; None when there is none."""
    return model.versions.select_related("model__customer", "branch").filter(number=number).first()


def lineage_of(version: ModelVersion) -> QuerySet[ModelVersion]:
    """The versions on the way to this one: each was edited to become the next, on its line and on those that it began from."""
    rows = ModelVersion.objects.filter(model=version.model_id)
    if version.parent_id is None and version.merge_parent_id is None:
        return rows.filter(number=version.number)
    return rows.filter(number__in=lineage(parents_of(version.model), version.number))


def line_history(head: ModelVersion, *, before: int | None = None, limit: int = 50) -> list[ModelVersion]:
    """The versions that a line's head was edited from, newest first, without documents. ``before`` a number: further back."""
    numbers = [one for one in lineage(parents_of(head.model), head.number) if before is None or one < before]
    return list(versions_listed(head.model).filter(number__in=numbers[:limit]))


def parents_of(model: ValueModel) -> Parents:
    """Every version's number with those of its parents, in one query."""
    rows = model.versions.values_list("number", "parent__number", "merge_parent__number")
    return {number: tuple(one for one in parents if one is not None) for number, *parents in rows}


def line_head(model: ValueModel, branch: ModelBranch | None) -> ModelVersion:
    """The newest version of a line, as it is now: the main one, or a branch."""
    rows = ModelVersion.objects.select_related("model__customer", "branch").filter(model=model)
    if branch is not None:
        return rows.get(number=Subquery(ModelBranch.objects.filter(pk=branch.pk).values("head_number")[:1]))
    return rows.get(number=Subquery(ValueModel.objects.filter(pk=model.pk).values("head_number")[:1]))


def branches_of(model: ValueModel) -> QuerySet[ModelBranch]:
    """The model's branches, newest first, closed ones too."""
    return model.branches.select_related("model", "from_version").defer("from_version__document").order_by("-pk")


def branch_of(model: ValueModel, public_id: UUID) -> ModelBranch | None:
    """The model's branch of that id; None where it is not this model's."""
    return branches_of(model).filter(public_id=public_id).first()


def versions_difference(before: ModelVersion, after: ModelVersion) -> ModelDifference:
    """Two stored versions side by side. Raises FormulaError where one cannot be computed any more."""
    return difference(document_of(before), document_of(after))
