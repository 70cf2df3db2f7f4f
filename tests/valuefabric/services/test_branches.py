from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.postgres.roles import owning_role
from tests.factories.valuefabric import approved, committed_case, customer_make, honest_draft, model_make, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.editing import read_edits
from valuefabric.domain.model import ModelDocument
from valuefabric.migrations._version_guards import PARENTS
from valuefabric.models import BusinessCase, Customer, ModelBranch, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.value_models import head_version, versions_of
from valuefabric.selectors.versions import lineage_of
from valuefabric.services.branch_merges import MergeConflicted, branch_merge, branch_update
from valuefabric.services.branches import (
    BranchRefused,
    VersionUnknown,
    branch_close,
    branch_create,
    branch_save,
    model_revert,
)
from valuefabric.services.cases import CaseMismatch, case_draft
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.model_edits import model_edits_save
from valuefabric.services.model_lines import BranchClosed
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import ModelChanged, ModelLocked, model_row_update

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def model(acme: Tenant, kept_customer: Customer, seller: Actor) -> ValueModel:
    """The published model at version 1."""
    with tenant_context(acme):
        return model_make(kept_customer, seller).model


def lift(model: ValueModel, actor: Actor, value: str, branch: ModelBranch | None = None) -> ModelVersion:
    """Another lift in the first year, on a line."""
    figures = [Decimal(value), Decimal("0.222"), Decimal("0.222")]
    return model_row_update(
        model=model, branch=branch, row="A4", values=figures, low=[Decimal(0)], reason=f"lift {value}", actor=actor
    ).version


def lift_of(version: ModelVersion) -> str:
    return str((document_of(version).row("A4").values or ())[0])


def note(document: ModelDocument, row: str, text: str) -> ModelDocument:
    rows = [one.model_copy(update={"note": text}) if one.key == row else one for one in document.rows]
    return document.model_copy(update={"rows": tuple(rows)})


def test_a_branch_grows_beside_the_main_line(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="  What if  ", actor=seller)

    version = lift(model, seller, "0.1", branch)

    branch.refresh_from_db()
    model.refresh_from_db()
    assert (branch.name, branch.from_version.number, branch.head_number) == ("What if", 1, 2)
    assert (version.number, version.branch, version.parent.number) == (2, branch, 1)
    assert model.head_number == 1
    assert head_version(model).number == 1
    assert [one.number for one in versions_of(model.customer)] == [1]
    assert [one.number for one in lineage_of(version).order_by("number")] == [1, 2]


def test_numbers_are_given_out_once_for_all_lines(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)

    main = lift(model, seller, "0.2")
    again = lift(model, seller, "0.15", branch)

    assert (main.number, main.parent.number, main.branch) == (3, 1, None)
    assert (again.number, again.parent.number) == (4, 2)
    assert [one.number for one in lineage_of(again).order_by("number")] == [1, 2, 4]


def test_every_step_of_a_branch_is_told_and_audited(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    branch_merge(branch=branch, actor=seller, reason="it holds")
    branch_close(branch=branch, actor=seller)

    told = OutboxEvent.objects.filter(topic__startswith="value.branch.").order_by("id")
    assert [event.topic.removeprefix("value.branch.") for event in told] == ["created", "saved", "merged", "closed"]
    assert {event.data["branch"] for event in told} == {str(branch.public_id)}
    assert (told[2].data["into"], told[2].data["merged_version"], told[2].data["version"]) == ("main", 2, 3)
    audited = AuditRecord.objects.filter(action__startswith="branch.", subject=branch.reference)
    assert audited.count() == 4
    assert {record.actor for record in audited} == {seller.identifier}


def test_edits_of_a_sheet_can_be_saved_on_a_branch(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    edits = read_edits([{"op": "row", "row": "A5", "set": {"note": "careful"}}])

    saved = model_edits_save(model=model, branch=branch, edits=edits, reason="a note", actor=seller, expected_version=1)

    assert (saved.version.number, saved.version.branch) == (2, branch)
    with pytest.raises(ModelChanged, match="branch try is at version 2"):
        model_edits_save(model=model, branch=branch, edits=edits, reason="late", actor=seller, expected_version=1)


def test_merge_has_both_lines_changes_and_both_parents(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    branch_document = document_of(model.versions.get(number=1))
    model_row_update(model=model, row="A5", note="read twice", reason="note", actor=seller)

    made = branch_merge(branch=branch, actor=seller, reason="both")

    assert made.changed
    assert (made.version.number, made.version.branch) == (4, None)
    assert (made.version.parent.number, made.version.merge_parent.number) == (3, 2)
    assert lift_of(made.version) == "0.1"
    assert document_of(made.version).row("A5").note == "read twice"
    assert branch_document.row("A5").note == ""


def test_merging_again_merges_only_what_is_new(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    branch_merge(branch=branch, actor=seller, reason="first")
    lift(model, seller, "0.2")  # the main line takes it back
    branch.refresh_from_db()
    branch_save(branch=branch, document=note(document_of(model.versions.get(number=2)), "A5", "n"), reason="n", actor=seller)

    made = branch_merge(branch=branch, actor=seller, reason="second")

    assert (lift_of(made.version), document_of(made.version).row("A5").note) == ("0.2", "n")


def test_merging_what_was_merged_is_no_version(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    first = branch_merge(branch=branch, actor=seller, reason="first")

    again = branch_merge(branch=branch, actor=seller, reason="again")

    assert (again.version, again.changed) == (first.version, False)
    assert ModelVersion.objects.count() == 3


def test_conflict_is_refused_with_both_values_and_nothing_is_saved(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    lift(model, seller, "0.2")

    with pytest.raises(MergeConflicted, match="one thing differently") as refused:
        branch_merge(branch=branch, actor=seller, reason="both")

    [one] = refused.value.conflicts
    assert (one.place, one.base, one.ours, one.theirs) == ("rows.A4.values.y1", "0.222", "0.2", "0.1")
    assert ModelVersion.objects.count() == 3
    assert not OutboxEvent.objects.filter(topic="value.branch.merged").exists()


def test_choices_settle_conflicts_and_are_not_asked_again(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    lift(model, seller, "0.2")

    kept = branch_merge(branch=branch, actor=seller, reason="ours", choices={"rows.A4.values.y1": "ours"})
    model_row_update(model=model, branch=branch, row="A5", note="n", reason="n", actor=seller)
    again = branch_merge(branch=branch, actor=seller, reason="more")

    assert lift_of(kept.version) == "0.2"
    assert kept.version.merge_parent.number == 2
    assert (lift_of(again.version), document_of(again.version).row("A5").note) == ("0.2", "n")


def test_branch_is_brought_up_to_the_main_line(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    model_row_update(model=model, branch=branch, row="A5", note="n", reason="n", actor=seller)
    lift(model, seller, "0.2")

    made = branch_update(branch=branch, actor=seller, reason="up to date")

    assert (made.version.branch, lift_of(made.version)) == (branch, "0.2")
    model.refresh_from_db()
    assert head_version(model).number == 3
    assert OutboxEvent.objects.get(topic="value.branch.merged").data["into"] == "branch"


def test_merge_of_heads_that_moved_on_is_refused(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)

    with pytest.raises(ModelChanged, match="The model is at version 1"):
        branch_merge(branch=branch, actor=seller, reason="x", expected_version=7)
    with pytest.raises(ModelChanged, match="branch try is at version 2"):
        branch_merge(branch=branch, actor=seller, reason="x", expected_branch_version=1)

    assert ModelVersion.objects.count() == 2


def test_merge_makes_a_draft_of_the_open_case_and_voids_its_approval(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    model = case.model_version.model
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)
    case.refresh_from_db()
    assert (case.state, case.version) == ("stamped", 1)

    made = branch_merge(branch=branch, actor=seller, reason="both")

    case.refresh_from_db()
    assert (case.state, case.version, case.model_version) == ("draft", 2, made.version)


def test_committed_model_can_be_branched_and_the_branch_edited(
    customer: Customer, seller: Actor, voters: tuple[Actor, Actor]
) -> None:
    model = committed_case(customer, seller, voters).model_version.model

    branch = branch_create(model=model, name="next year", actor=seller)
    version = lift(model, seller, "0.1", branch)

    assert version.branch == branch
    assert head_version(model).number == 1


def test_lock_by_commitment_is_not_evaded_by_a_merge(customer: Customer, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    commitment = committed_case(customer, seller, voters)
    model = commitment.model_version.model
    branch = branch_create(model=model, name="way around", actor=seller)
    lift(model, seller, "0.1", branch)

    with pytest.raises(ModelLocked, match="committed"):
        branch_merge(branch=branch, actor=seller, reason="x", choices={"*": "theirs"})
    with pytest.raises(ModelLocked, match="committed"):
        model_revert(model=model, to_version=1, reason="x", actor=seller)

    assert not branch_update(branch=branch, actor=seller, reason="x").changed
    model.refresh_from_db()
    assert (model.head_number, model.versions.filter(branch=None).count()) == (1, 1)
    commitment_reverse(commitment=commitment, reason="renegotiated", actor=seller)
    assert branch_merge(branch=branch, actor=seller, reason="now").version.branch is None


def test_lock_by_commitment_is_not_evaded_by_sql(customer: Customer, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    model = committed_case(customer, seller, voters).model_version.model
    branch = branch_create(model=model, name="way around", actor=seller)
    beside = lift(model, seller, "0.1", branch)

    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        ValueModel.objects.filter(pk=model.pk).update(head_number=beside.number)
    with pytest.raises(DatabaseError, match="reverse it first"), transaction.atomic():
        ValueModel.objects.filter(pk=model.pk).update(locked_at=None)
    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        ModelVersion.objects.filter(pk=beside.pk).update(branch=None)
    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        copy = {
            name: getattr(beside, name) for name in ("model", "document", "content_hash", "measures", "reason", "by", "parent")
        }
        ModelVersion.objects.create(**copy, number=3, merge_parent=beside)


def test_no_case_stands_on_a_branch(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    model = case.model_version.model
    branch = branch_create(model=model, name="way around", actor=seller)
    beside = lift(model, seller, "0.1", branch)

    with pytest.raises(CaseMismatch, match="main line"):
        case_draft(customer=customer, model_version=beside, draft=honest_draft(), actor=seller)
    with pytest.raises(DatabaseError, match="main line"), transaction.atomic():
        following = {"version": 2, "previous_hash": F("content_hash"), "state": "draft"}
        BusinessCase.objects.filter(pk=case.pk).update(model_version=beside, **following)
    with pytest.raises(DatabaseError, match="head of its own"), transaction.atomic():
        ValueModel.objects.filter(pk=model.pk).update(head_number=beside.number)


def test_second_commitment_keeps_the_model_locked_when_the_first_is_reversed(
    customer: Customer, seller: Actor, voters: tuple[Actor, Actor]
) -> None:
    commitment = committed_case(customer, seller, voters)
    model = commitment.model_version.model
    other = case_draft(
        customer=customer, model_version=commitment.model_version, draft=honest_draft(title="Another"), actor=seller
    )
    assert case_review(case=other, actor=seller).passed
    case_commit(case=other, approval=approved(other, seller, voters), actor=seller)

    commitment_reverse(commitment=commitment, reason="one of two", actor=seller)

    with pytest.raises(ModelLocked):
        lift(model, seller, "0.1")


def test_branch_rows_are_kept_as_they_were_made(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)

    for change in ({"name": "other"}, {"by": "user:0"}, {"head_number": 9}):
        with pytest.raises(DatabaseError, match=r"stands as it was made|newest version"), transaction.atomic():
            ModelBranch.objects.filter(pk=branch.pk).update(**change)
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        ModelBranch.objects.filter(pk=branch.pk)._raw_delete("default")


def test_branch_of_another_model_takes_no_version_of_this_one(model: ValueModel, seller: Actor) -> None:
    other = model_make(customer_make(seller, name="Second"), seller)
    branch = branch_create(model=other.model, name="try", actor=seller)

    with pytest.raises(ModelBranch.DoesNotExist):
        lift(model, seller, "0.1", branch)
    with pytest.raises(DatabaseError, match="of its own model"), transaction.atomic():
        ModelBranch.objects.create(model=model, name="x", from_version=other, head_number=1, by="x")
    first = model.versions.get()
    copy = {name: getattr(first, name) for name in ("model", "document", "content_hash", "measures", "reason", "by")}
    with pytest.raises(DatabaseError, match="open branch of its own"), transaction.atomic():
        ModelVersion.objects.create(**copy, number=2, branch=branch, parent=first)
    with pytest.raises(DatabaseError, match="earlier versions of its own"), transaction.atomic():
        ModelVersion.objects.create(**copy, number=2, parent=other)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Main", "a\x00b"])
def test_branch_without_a_usable_name_is_refused(model: ValueModel, seller: Actor, name: str) -> None:
    with pytest.raises(BranchRefused):
        branch_create(model=model, name=name, actor=seller)

    assert ModelBranch.objects.count() == 0


def test_name_is_taken_until_its_branch_is_closed(model: ValueModel, seller: Actor) -> None:
    first = branch_create(model=model, name="Try", actor=seller)
    with pytest.raises(BranchRefused, match="already"):
        branch_create(model=model, name="TRY", actor=seller)

    branch_close(branch=first, actor=seller)
    closed = branch_close(branch=first, actor=seller)

    assert closed.closed_by == seller.identifier
    assert branch_create(model=model, name="TRY", actor=seller).name == "TRY"
    with pytest.raises(BranchClosed, match="closed"):
        lift(model, seller, "0.1", first)


def test_branch_begins_at_any_version_that_there_is(model: ValueModel, seller: Actor) -> None:
    lift(model, seller, "0.1")

    assert branch_create(model=model, name="old", actor=seller, from_version=1).head_number == 1
    with pytest.raises(VersionUnknown, match="no version 9"):
        branch_create(model=model, name="new", actor=seller, from_version=9)


def test_viewer_and_approver_do_not_branch_merge_or_revert(
    model: ValueModel, seller: Actor, viewer: Actor, voters: tuple[Actor, Actor]
) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    lift(model, seller, "0.1", branch)

    for actor in (viewer, voters[0]):
        for attempt in (
            lambda actor=actor: branch_create(model=model, name="mine", actor=actor),
            lambda actor=actor: branch_merge(branch=branch, actor=actor, reason="x"),
            lambda actor=actor: branch_update(branch=branch, actor=actor, reason="x"),
            lambda actor=actor: branch_close(branch=branch, actor=actor),
            lambda actor=actor: model_revert(model=model, to_version=1, reason="x", actor=actor),
        ):
            with pytest.raises(PermissionDenied):
                attempt()

    assert ModelVersion.objects.count() == 2


def test_restricted_customers_model_is_not_branched_by_who_cannot_see_it(
    model: ValueModel, seller: Actor, owner: Actor, customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(restricted=True, owner_id=owner.user_id)
    model.refresh_from_db()
    branch = branch_create(model=model, name="try", actor=owner)

    with pytest.raises(PermissionDenied, match="restricted"):
        branch_create(model=ValueModel.objects.get(pk=model.pk), name="mine", actor=seller)
    with pytest.raises(PermissionDenied, match="restricted"):
        branch_merge(branch=ModelBranch.objects.get(pk=branch.pk), actor=seller, reason="x")


def test_revert_is_a_new_version_that_says_what_the_old_one_said(model: ValueModel, seller: Actor) -> None:
    lift(model, seller, "0.1")
    lift(model, seller, "0.15")

    back = model_revert(model=model, to_version=1, reason="too careful", actor=seller, expected_version=3)

    first = model.versions.get(number=1)
    assert (back.number, back.content_hash, back.document) == (4, first.content_hash, first.document)
    assert (back.reason, back.by, back.parent.number) == ("too careful", seller.identifier, 3)
    assert AuditRecord.objects.filter(action="model.saved").latest("id").detail["reverted_to"] == 1
    assert model.versions.count() == 4


def test_revert_to_what_is_there_or_to_another_line_is_no_version(model: ValueModel, seller: Actor) -> None:
    branch = branch_create(model=model, name="try", actor=seller)
    beside = lift(model, seller, "0.1", branch)

    assert model_revert(model=model, to_version=1, reason="x", actor=seller).number == 1
    for number in (beside.number, 99):
        with pytest.raises(VersionUnknown):
            model_revert(model=model, to_version=number, reason="x", actor=seller)
    back = model_revert(model=model, branch=branch, to_version=1, reason="x", actor=seller)

    assert (back.number, back.branch) == (3, branch)
    assert model.versions.count() == 3


def test_versions_from_before_branches_get_the_one_before_as_parent(model: ValueModel, seller: Actor) -> None:
    lift(model, seller, "0.1")
    lift(model, seller, "0.2")
    table = "acme.valuefabric_modelversion"
    with owning_role(), connection.cursor() as cursor:
        for statement in (
            "SET CONSTRAINTS ALL IMMEDIATE",
            f"ALTER TABLE {table} DISABLE TRIGGER kept",
            f"UPDATE {table} SET parent_id = NULL",
        ):
            cursor.execute(statement)
        cursor.execute("SET LOCAL search_path TO acme")
        cursor.execute(PARENTS)

    assert list(model.versions.order_by("number").values_list("number", "parent__number")) == [(1, None), (2, 1), (3, 2)]
    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        model.versions.filter(number=3).update(parent=None)
