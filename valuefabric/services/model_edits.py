"""Saving what was edited in a sheet: the whole list of edits as one new version, or nothing."""

from django.db import transaction

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused, Edits, Problem, edited
from valuefabric.domain.model import FormulaError, compute
from valuefabric.models import ModelBranch, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.services.model_lines import Content, line_locked, line_save
from valuefabric.services.records import require_access
from valuefabric.services.value_models import RowUpdate, cell_changes

MOST_REASON = 500


class ReasonMissing(ValueError):
    """A version is saved with a reason; it stays in the history of every row that changed."""


def model_edits_save(
    *,
    model: ValueModel,
    edits: Edits,
    reason: str,
    actor: Actor,
    expected_version: int,
    branch: ModelBranch | None = None,
) -> RowUpdate:
    """Apply the edits to version ``expected_version`` and save the result as the next one, of the main line or a branch; returns
    every cell that changed.

    Raises ReasonMissing, ModelChanged where somebody saved another version in between, EditRefused for an edit that does not
    fit or a model that cannot be computed, and what ``model_save`` raises. Whatever is raised, nothing was saved.
    """
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    reason = " ".join(reason.split())[:MOST_REASON]
    if not reason:
        raise ReasonMissing("Say why, in a few words: it stays in the history with your name.")
    with transaction.atomic():
        line = line_locked(model, branch)
        line.require_open(expected_version)
        before = document_of(line.model.versions.get(number=expected_version))
        after = edited(before, edits)
        try:
            changes = cell_changes(compute(before), compute(after)) if before.periods == after.periods else ()
            version = line_save(line, Content.of(after), reason=reason, actor=actor)
        except FormulaError as error:
            raise EditRefused([Problem(error.message, error.row, error.period, "formula", error.position)]) from error
    return RowUpdate(version, changes)
