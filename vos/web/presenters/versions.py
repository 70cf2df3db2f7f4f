"""The history of a model's line, its branches, and what a version is called."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from valuefabric.models import Customer, ModelBranch, ModelVersion
from vos.web.places import part_url
from vos.web.presenters.amounts import whole

type Context = dict[str, Any]


def part_entries(customer: Customer, version: ModelVersion, current: str) -> list[Context]:
    """The pages about one model: its sheet, its risk, its versions, its comments."""
    parts = (
        ("model", _("Sheet")),
        ("model_risk", _("Risk")),
        ("model_versions", _("Versions")),
        ("model_comments", _("Comments")),
    )
    query = urlencode({"version": version.public_id})
    return [{"label": label, "url": f"{part_url(customer, name)}?{query}", "current": name == current} for name, label in parts]


def line_name(branch: ModelBranch | None) -> str:
    """What a line is called."""
    return branch.name if branch else _("Main line")


def version_entries(
    customer: Customer, versions: Iterable[ModelVersion], head: ModelVersion, names: Mapping[str, str], *, can_revert: bool
) -> list[Context]:
    """Each version of a line: who, why, what the model was worth by it, and where to look at it."""
    return [
        {
            "number": version.number,
            "reason": version.reason,
            "who": names[version.by],
            "at": version.saved_at,
            "worth": whole(Decimal(version.measures["npv"]), version.measures["currency"]),
            "worth_url": source_url(customer, version, "measure.npv"),
            "branch": version.branch.name if version.branch and version.branch_id != head.branch_id else "",
            "merged": version.merge_parent.number if version.merge_parent else None,
            "url": sheet_url(customer, version),
            "diff_url": diff_url(customer, version.parent.number, version) if version.parent else "",
            "is_head": version.number == head.number,
            "revert_url": reverse("web:model_revert", args=[customer.public_id, version.number])
            if can_revert and version.number != head.number
            else "",
        }
        for version in versions
    ]


def branch_entries(
    customer: Customer, branches: Iterable[ModelBranch], heads: Mapping[int, ModelVersion], names: Mapping[str, str]
) -> list[Context]:
    """Branches that people work on, then the closed ones."""
    return [
        {
            "name": branch.name,
            "who": names[branch.by],
            "at": branch.created_at,
            "from": branch.from_version.number,
            "head": branch.head_number,
            "own": branch.head_number != branch.from_version.number,
            "closed": branch.closed_at,
            "history_url": line_url(customer, heads[branch.head_number], branch),
            "url": branch_sheet_url(customer, heads[branch.head_number], branch),
            "merge_url": reverse("web:model_merge", args=[customer.public_id, branch.public_id]),
            "close_url": reverse("web:model_branch_close", args=[customer.public_id, branch.public_id]),
        }
        for branch in sorted(branches, key=lambda one: (one.closed_at is not None, -one.pk))
    ]


def line_url(customer: Customer, version: ModelVersion, branch: ModelBranch | None) -> str:
    """The history of a line; ``version`` is any one of its model."""
    query = urlencode({"version": version.public_id, "line": branch.public_id if branch else "main"})
    return f"{part_url(customer, 'model_versions')}?{query}"


def branch_sheet_url(customer: Customer, version: ModelVersion, branch: ModelBranch) -> str:
    """The sheet of a branch's head; before its first own version that is one of another line, so the branch is named."""
    return f"{sheet_url(customer, version)}&{urlencode({'branch': branch.public_id})}"


def sheet_url(customer: Customer, version: ModelVersion) -> str:
    """The sheet of a version."""
    return f"{part_url(customer, 'model')}?{urlencode({'version': version.public_id})}"


def source_url(customer: Customer, version: ModelVersion, cell: str) -> str:
    """Where a figure of a version comes from."""
    query = urlencode({"version": version.public_id})
    return f"{reverse('web:source', args=[customer.public_id, cell])}?{query}"


def diff_url(customer: Customer, before: int, after: ModelVersion) -> str:
    """Two versions of a model side by side."""
    query = urlencode({"version": after.public_id})
    return f"{reverse('web:model_diff', args=[customer.public_id, before, after.number])}?{query}"
