from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import committed_case, customer_make, model_make
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.editing import read_edits
from valuefabric.models import LONGEST_COMMENT, Customer, ModelComment, ModelVersion, ValueModel
from valuefabric.selectors.comments import comments_visible_to, open_comment_counts, threads_shown
from valuefabric.selectors.overview import audit_subjects
from valuefabric.services.branches import branch_create
from valuefabric.services.comments import CommentRefused, comment_add, comment_edit, comment_reply, comment_resolve
from valuefabric.services.model_edits import model_edits_save

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def model(acme: Tenant, kept_customer: Customer, seller: Actor) -> ValueModel:
    """The published model at version 1."""
    with tenant_context(acme):
        return model_make(kept_customer, seller).model


@pytest.fixture
def thread(in_acme: Tenant, model: ValueModel, voters: tuple[Actor, Actor]) -> ModelComment:
    """Bob asks about a figure."""
    return comment_add(model=model, row="A4", period="y1", text="Why so high?", actor=voters[0])


def head(model: ValueModel) -> ModelVersion:
    model.refresh_from_db()
    return model.versions.select_related("model").get(number=model.head_number)


def edit(model: ValueModel, actor: Actor, *edits: dict[str, object]) -> None:
    version = head(model).number
    model_edits_save(model=model, edits=read_edits(list(edits)), reason="x", actor=actor, expected_version=version)


def test_comment_keeps_place_words_writer_and_version(thread: ModelComment, voters: tuple[Actor, Actor]) -> None:
    assert (thread.row, thread.period, thread.text, thread.by) == ("A4", "y1", "Why so high?", voters[0].identifier)
    assert (thread.version.number, thread.thread, thread.resolved_at) == (1, None, None)


@pytest.mark.parametrize(("row", "period"), [("", ""), ("A4", ""), ("A4", "y2")])
def test_model_row_and_figure_can_be_commented(model: ValueModel, seller: Actor, row: str, period: str) -> None:
    comment_add(model=model, row=row, period=period, text="Hm.", actor=seller)

    [shown] = threads_shown(head(model))
    assert (shown.comment.row, shown.comment.period, shown.gone) == (row, period, False)


@pytest.mark.parametrize(("row", "period"), [("Z9", ""), ("A4", "y9"), ("", "y1"), ("A4' OR 1=1 --", ""), ("x" * 500, "")])
def test_place_that_the_model_does_not_have_is_refused(model: ValueModel, seller: Actor, row: str, period: str) -> None:
    with pytest.raises(CommentRefused, match=r"Comment on|Name"):
        comment_add(model=model, row=row, period=period, text="Hm.", actor=seller)

    assert ModelComment.objects.count() == 0


def test_version_of_another_customers_model_is_no_place(model: ValueModel, seller: Actor) -> None:
    other = model_make(customer_make(seller, name="Second"), seller)

    with pytest.raises(CommentRefused, match="another model"):
        comment_add(model=model, version=other, text="Hm.", actor=seller)
    with pytest.raises(DatabaseError, match="its own model"), transaction.atomic():
        ModelComment.objects.create(model=model, version=other, text="Hm.", by=seller.identifier)


def test_reply_to_another_models_thread_is_refused_by_the_database(
    model: ValueModel, seller: Actor, thread: ModelComment
) -> None:
    other = model_make(customer_make(seller, name="Second"), seller)

    with pytest.raises(DatabaseError, match="thread of it"), transaction.atomic():
        ModelComment.objects.create(model=other.model, version=other, thread=thread, text="Hm.", by=seller.identifier)


def test_answers_stand_in_their_thread_in_order(thread: ModelComment, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    first = comment_reply(thread=thread, text="One cohort.", actor=seller)
    second = comment_reply(thread=first, text="Then say so.", actor=voters[0])

    [shown] = threads_shown(head(thread.model))
    assert [one.text for one in shown.replies] == ["One cohort.", "Then say so."]
    assert (second.thread, second.row) == (thread, "")


def test_resolving_is_noted_with_who_and_an_answer_reopens(thread: ModelComment, seller: Actor) -> None:
    resolved = comment_resolve(thread=thread, actor=seller)
    assert resolved.resolved_by == seller.identifier
    assert comment_resolve(thread=thread, actor=seller).resolved_at == resolved.resolved_at
    assert threads_shown(head(thread.model), resolved=False) == ()

    comment_reply(thread=thread, text="Not yet.", actor=seller)

    thread.refresh_from_db()
    assert (thread.resolved_at, thread.resolved_by) == (None, "")
    comment_resolve(thread=thread, actor=seller)
    assert comment_resolve(thread=thread, actor=seller, resolved=False).resolved_at is None


def test_answer_alone_is_not_resolved(thread: ModelComment, seller: Actor) -> None:
    reply = comment_reply(thread=thread, text="One cohort.", actor=seller)

    with pytest.raises(CommentRefused, match="with its thread"):
        comment_resolve(thread=reply, actor=seller)
    with pytest.raises(DatabaseError, match="comment_reply_stands_with_thread"), transaction.atomic():
        ModelComment.objects.filter(pk=reply.pk).update(row="A4")


def test_only_the_writer_changes_the_words_and_the_former_ones_are_kept(
    thread: ModelComment, seller: Actor, owner: Actor, voters: tuple[Actor, Actor]
) -> None:
    for actor in (seller, owner):
        with pytest.raises(PermissionDenied, match="Only who wrote"):
            comment_edit(comment=thread, text="All is well.", actor=actor)

    changed = comment_edit(comment=thread, text="Why 22 %?", actor=voters[0])

    assert changed.edited_at is not None
    kept = list(ModelComment.history.filter(id=thread.pk).order_by("history_id").values_list("text", "history_user_id"))
    assert kept == [("Why so high?", voters[0].identifier), ("Why 22 %?", voters[0].identifier)]


def test_every_step_is_told_and_audited_without_the_words(
    thread: ModelComment, seller: Actor, voters: tuple[Actor, Actor]
) -> None:
    comment_reply(thread=thread, text="A secret.", actor=seller)
    comment_edit(comment=thread, text="Another secret.", actor=voters[0])
    comment_resolve(thread=thread, actor=seller)
    comment_resolve(thread=thread, actor=seller, resolved=False)

    told = OutboxEvent.objects.filter(topic__startswith="value.comment.").order_by("id")
    audited = AuditRecord.objects.filter(action__startswith="comment.").order_by("id")
    steps = ["added", "added", "edited", "resolved", "reopened"]
    assert [event.topic.removeprefix("value.comment.") for event in told] == steps
    assert [record.action.removeprefix("comment.") for record in audited] == steps
    assert told[1].data["thread"] == str(thread.public_id)
    assert "secret" not in str([event.data for event in told]) + str([record.detail for record in audited])


def test_comment_survives_edits_and_goes_with_a_renamed_row(thread: ModelComment, seller: Actor) -> None:
    model = thread.model
    edit(model, seller, {"op": "rename_row", "row": "A4", "key": "lift"}, {"op": "row", "row": "lift", "set": {"note": "n"}})

    [shown] = threads_shown(head(model))

    assert (shown.comment.row, shown.gone, shown.comment.version.number) == ("lift", False, 1)
    assert AuditRecord.objects.filter(action="model.saved").latest("id").detail["comments_moved"] == {
        str(thread.public_id): "lift"
    }
    assert ModelComment.history.filter(id=thread.pk).latest("history_id").history_change_reason == "its row was renamed"


def test_comment_on_a_row_or_period_that_is_gone_is_listed_as_such(model: ValueModel, seller: Actor) -> None:
    edit(model, seller, {"op": "add_row", "row": {"key": "extra", "label": "Extra", "unit": "USD", "values": ["1"] * 3}})
    comment_add(model=model, row="extra", text="What is it?", actor=seller)
    comment_add(model=model, row="A4", period="y3", text="And later?", actor=seller)
    edit(model, seller, {"op": "delete_row", "row": "extra"}, {"op": "periods", "count": 2})

    assert [(one.comment.text, one.gone) for one in threads_shown(head(model))] == [("And later?", True), ("What is it?", True)]
    assert [one.gone for one in threads_shown(model.versions.select_related("model").get(number=2))] == [False, False]


def test_renaming_on_a_branch_leaves_comments_where_they_are(thread: ModelComment, seller: Actor) -> None:
    branch = branch_create(model=thread.model, name="try", actor=seller)
    edits = read_edits([{"op": "rename_row", "row": "A4", "key": "lift"}])
    model_edits_save(model=thread.model, branch=branch, edits=edits, reason="x", actor=seller, expected_version=1)

    assert [one.comment.row for one in threads_shown(head(thread.model))] == ["A4"]


def test_committed_model_can_be_commented(customer: Customer, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    model = committed_case(customer, seller, voters).model_version.model

    assert comment_add(model=model, row="A4", text="Still true?", actor=voters[1]).pk


def test_markup_is_kept_as_the_text_that_it_is(model: ValueModel, seller: Actor) -> None:
    text = '<script>alert("x")</script> & <img src=x onerror=alert(1)> {{ 7 * 7 }} [a](javascript:alert(1))'

    assert comment_add(model=model, text=text, actor=seller).text == text


def test_control_characters_are_dropped_and_lines_kept(model: ValueModel, seller: Actor) -> None:
    text = "  one\r\ntwo\x00\x1b[31m\tthree\u0007 é 日本 \U0001f600\ud800 "

    assert comment_add(model=model, text=text, actor=seller).text == "one\ntwo[31m three é 日本 \U0001f600"


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x07", "x" * (LONGEST_COMMENT + 1), "é" * 1_000_000])
def test_empty_and_oversize_comments_are_refused(model: ValueModel, seller: Actor, text: str) -> None:
    with pytest.raises(CommentRefused, match=r"empty|shorter"):
        comment_add(model=model, text=text, actor=seller)

    assert ModelComment.objects.count() == 0


def test_longest_comment_is_taken_and_the_database_takes_no_longer_one(model: ValueModel, seller: Actor) -> None:
    comment = comment_add(model=model, text="é" * LONGEST_COMMENT, actor=seller)

    with pytest.raises(DatabaseError), transaction.atomic():
        ModelComment.objects.filter(pk=comment.pk).update(text="x" * (LONGEST_COMMENT + 1))


@pytest.mark.parametrize("change", [{"by": "user:0"}, {"period": "y2"}, {"model_id": 0}, {"version_id": 0}])
def test_comment_put_into_another_mouth_or_place_is_refused_by_the_database(
    thread: ModelComment, change: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError, match="whose it is"), transaction.atomic():
        ModelComment.objects.filter(pk=thread.pk).update(**change)


def test_deleting_a_comment_is_refused_by_the_database(thread: ModelComment) -> None:
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        ModelComment.objects.filter(pk=thread.pk)._raw_delete("default")


def test_thread_without_end_is_refused(thread: ModelComment, seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valuefabric.services.comments.MOST_REPLIES", 2)
    monkeypatch.setattr("valuefabric.services.comments.MOST_THREADS", 1)
    for number in range(2):
        comment_reply(thread=thread, text=str(number), actor=seller)

    with pytest.raises(CommentRefused, match="another one"):
        comment_reply(thread=thread, text="more", actor=seller)
    with pytest.raises(CommentRefused, match="that is there"):
        comment_add(model=thread.model, text="more", actor=seller)


def test_viewer_reads_and_does_not_comment(thread: ModelComment, viewer: Actor) -> None:
    assert comments_visible_to(viewer).count() == 1
    attempts: list[Callable[[], object]] = [
        lambda: comment_add(model=thread.model, text="Hm.", actor=viewer),
        lambda: comment_reply(thread=thread, text="Hm.", actor=viewer),
        lambda: comment_edit(comment=thread, text="Hm.", actor=viewer),
        lambda: comment_resolve(thread=thread, actor=viewer),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied, match="model.comment"):
            attempt()

    assert ModelComment.objects.count() == 1


def test_comments_on_a_restricted_customer_are_for_those_who_see_it(
    thread: ModelComment, customer: Customer, owner: Actor, seller: Actor, voters: tuple[Actor, Actor]
) -> None:
    Customer.objects.filter(pk=customer.pk).update(restricted=True, owner_id=owner.user_id)
    hidden = ModelComment.objects.select_related("model__customer").get()

    assert comments_visible_to(seller).count() == 0
    assert comments_visible_to(owner).count() == 1
    for actor in (seller, voters[0]):  # the writer too, once the customer was taken from their sight
        with pytest.raises(PermissionDenied, match="restricted"):
            comment_edit(comment=hidden, text="Hm.", actor=actor)
        with pytest.raises(PermissionDenied, match="restricted"):
            comment_add(model=hidden.model, text="Hm.", actor=actor)


def test_threads_take_as_many_queries_for_three_as_for_one(thread: ModelComment, seller: Actor) -> None:
    version = head(thread.model)
    comment_reply(thread=thread, text="1", actor=seller)
    with CaptureQueriesContext(connection) as one:
        assert len(threads_shown(version)) == 1
    for row in ("A3", "A5"):
        more = comment_add(model=version.model, row=row, text="Hm.", actor=seller)
        comment_reply(thread=more, text="2", actor=seller)
        comment_reply(thread=more, text="3", actor=seller)
    with CaptureQueriesContext(connection) as three:
        shown = threads_shown(version)
        assert [len(each.replies) for each in shown] == [2, 2, 1]
        assert [each.comment.version.number for each in shown] == [1, 1, 1]

    assert len(one) == len(three) == 2


def test_open_threads_are_counted_by_place(thread: ModelComment, seller: Actor) -> None:
    comment_add(model=thread.model, row="A4", period="y1", text="Again.", actor=seller)
    comment_add(model=thread.model, row="A4", text="The row.", actor=seller)
    comment_reply(thread=thread, text="An answer is no thread.", actor=seller)
    done = comment_add(model=thread.model, text="Done.", actor=seller)
    comment_resolve(thread=done, actor=seller)

    assert open_comment_counts(thread.model) == {("A4", "y1"): 2, ("A4", ""): 1}
    places = [(one.comment.row, one.comment.period) for one in threads_shown(head(thread.model), row="A4", period="y2")]
    assert places == [("A4", "")]


def test_comments_and_branches_are_part_of_the_customers_history(thread: ModelComment, seller: Actor, customer: Customer) -> None:
    branch = branch_create(model=thread.model, name="try", actor=seller)

    assert {thread.reference, branch.reference} <= set(audit_subjects(customer))
    assert thread.reference not in audit_subjects(customer_make(seller, name="Second"))
