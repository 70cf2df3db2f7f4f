import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make, model_make
from valuefabric.domain.editing import read_edits
from valuefabric.models import Customer, ModelComment, ModelVersion
from valuefabric.services.comments import comment_add, comment_reply
from valuefabric.services.model_edits import model_edits_save

type ClientFor = Callable[[User | None, Tenant], Client]

HX = {"HX-Request": "true"}
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def approver(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Bob, who may comment and not edit."""
    return actor_for(bob)


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


@pytest.fixture
def thread(version: ModelVersion, approver: Actor, governed: Tenant) -> ModelComment:
    """Bob asks about a figure."""
    with tenant_context(governed):
        return comment_add(model=version.model, row="A4", period="y1", text="Why so high?", actor=approver)


def at(version: ModelVersion, rest: str = "") -> str:
    return f"/customers/{version.model.customer.public_id}/model/comments/{rest}"


def place(version: ModelVersion, row: str = "A4", period: str = "y1", **more: str) -> dict[str, str]:
    return {"version": str(version.public_id), "row": row, "period": period, **more}


def of_cell(client: Client, version: ModelVersion, row: str = "A4", period: str = "y1") -> str:
    response = client.get(at(version), place(version, row, period), headers=HX)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("person", "writes"), [("alice", True), ("sam", True), ("mia", True), ("bob", True), ("vera", False)])
def test_every_role_reads_and_those_who_may_write_find_a_form(
    person: str, writes: bool, thread: ModelComment, version: ModelVersion, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    page = client.get(at(version)).content.decode()
    piece = of_cell(client, version)

    for shown in (page, piece):
        assert "Why so high?" in shown
        assert "Bob" in shown
        assert ("<textarea" in shown) is writes
    assert piece.lstrip().startswith("<section")
    assert ('<details class="comment-edit"' in piece) is (person == "bob")
    assert client.post(at(version, "add/"), place(version, text="Hm.")).status_code == (302 if writes else 403)


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    thread: ModelComment, version: ModelVersion, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    charlies = client_for(charlie, globex)

    assert client_for(None, acme).get(at(version)).status_code == 302
    assert charlies.get(at(version)).status_code == 404
    for rest in ("add/", f"{thread.public_id}/reply/", f"{thread.public_id}/edit/", f"{thread.public_id}/resolve/"):
        assert charlies.post(at(version, rest), place(version, text="Hm.")).status_code == 404


def test_comment_is_added_answered_changed_and_resolved_in_the_drawer(
    thread: ModelComment, version: ModelVersion, client_for: ClientFor, sams: Client, bob: User, governed: Tenant
) -> None:
    bobs = client_for(bob, governed)
    here = f"{thread.public_id}/"

    added = sams.post(at(version, "add/"), place(version, text="Is it a pilot?"), headers=HX)
    answered = sams.post(at(version, f"{here}reply/"), place(version, text="One cohort."), headers=HX)
    changed = bobs.post(at(version, f"{here}edit/"), place(version, text="Why 22 %?"), headers=HX)
    resolved = sams.post(at(version, f"{here}resolve/"), place(version, resolved="1"), headers=HX)
    opened = sams.post(at(version, f"{here}resolve/"), place(version, resolved="0"), headers=HX)

    assert "Is it a pilot?" in added.content.decode()
    assert "One cohort." in answered.content.decode()
    assert "Why 22 %?" in changed.content.decode()
    assert "Resolved by Sam Seller" in resolved.content.decode()
    assert "Resolved by" not in opened.content.decode()
    with tenant_context(governed):
        assert ModelComment.objects.count() == 3


def test_without_script_one_comes_back_to_the_page(thread: ModelComment, version: ModelVersion, sams: Client) -> None:
    answer = sams.post(at(version, f"{thread.public_id}/reply/"), place(version, row="", period="", text="One."), follow=True)

    assert answer.redirect_chain
    assert "One." in answer.content.decode()


@pytest.mark.parametrize("text", ["", "  ", "x" * 4_001])
def test_refused_text_is_kept_with_what_to_do(
    text: str, thread: ModelComment, version: ModelVersion, sams: Client, governed: Tenant
) -> None:
    piece = sams.post(at(version, "add/"), place(version, text=text), headers=HX).content.decode()
    page = sams.post(at(version, f"{thread.public_id}/reply/"), place(version, "", "", text=text))

    assert "Not kept yet" in piece
    assert text.strip() in piece
    assert page.status_code == 422
    with tenant_context(governed):
        assert ModelComment.objects.count() == 1


def test_html_in_a_comment_is_text_everywhere(version: ModelVersion, seller: Actor, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        thread = comment_add(model=version.model, row="A4", period="y1", text=HOSTILE, actor=seller)
        comment_reply(thread=thread, text=HOSTILE, actor=seller)

    for shown in (sams.get(at(version)).content.decode(), of_cell(sams, version)):
        assert "<script>alert(1)" not in shown
        assert "<img src=x" not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    refused = sams.post(at(version, "add/"), place(version, row="Z9", text=HOSTILE), headers=HX).content.decode()
    assert "<script>alert(1)" not in refused
    named = sams.get(at(version), place(version, row='"><script>alert(3)</script>'), headers=HX).content.decode()
    assert "<script>alert(3)" not in named


def test_comment_of_another_customer_is_not_found(
    thread: ModelComment, version: ModelVersion, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        other = model_make(customer_make(seller, name="Second"), seller)
    for step in ("reply", "edit", "resolve"):
        assert sams.post(at(other, f"{thread.public_id}/{step}/"), place(other, text="x")).status_code == 404
    # A version of another customer's model is none of this one's.
    assert sams.post(at(version, "add/"), place(other, text="x")).status_code == 404
    assert sams.post(at(version, "add/"), {"text": "x", "version": "zzz"}).status_code == 404
    with tenant_context(governed):
        assert ModelComment.objects.count() == 1


def test_somebody_elses_comment_is_not_changed(
    thread: ModelComment, version: ModelVersion, sams: Client, governed: Tenant
) -> None:
    answer = sams.post(at(version, f"{thread.public_id}/edit/"), place(version, text="All is well."), headers=HX)

    assert "Only who wrote" in answer.content.decode()
    with tenant_context(governed):
        assert ModelComment.objects.get().text == "Why so high?"


def test_comment_on_a_row_that_is_gone_is_listed_as_such(
    version: ModelVersion, seller: Actor, sams: Client, governed: Tenant
) -> None:
    def edit(number: int, **operation: Any) -> None:
        model_edits_save(model=version.model, edits=read_edits([operation]), reason="x", actor=seller, expected_version=number)

    with tenant_context(governed):
        edit(1, op="add_row", row={"key": "extra", "label": "Extra", "unit": "USD", "values": ["1"] * 3})
        version.model.refresh_from_db()
        comment_add(model=version.model, row="extra", text="What is it?", actor=seller)
        edit(2, op="delete_row", row="extra")

    page = sams.get(at(version)).content.decode()

    assert "What is it?" in page
    assert "no longer in the model" in page


def test_page_takes_as_many_queries_for_three_threads_as_for_one(
    thread: ModelComment, version: ModelVersion, seller: Actor, sams: Client, governed: Tenant
) -> None:
    sams.get(at(version))
    with CaptureQueriesContext(connection) as one:
        sams.get(at(version))
    with tenant_context(governed):
        for row in ("A3", "A5"):
            more = comment_add(model=version.model, row=row, text="Hm.", actor=seller)
            comment_reply(thread=more, text="Hm.", actor=seller)
    with CaptureQueriesContext(connection) as three:
        assert sams.get(at(version)).content.decode().count('class="thread"') == 3

    assert len(three) == len(one)


def test_drawer_of_a_figure_asks_for_its_comments_and_that_of_a_measure_does_not(
    thread: ModelComment, version: ModelVersion, sams: Client
) -> None:
    model = f"/customers/{version.model.customer.public_id}/model/source/"
    drawer = unescape(sams.get(f"{model}A4.y1/", headers=HX).content.decode())
    measure = sams.get(f"{model}measure.npv/", headers=HX).content.decode()

    found = re.search(r'hx-get="([^"]*/model/comments/[^"]*)"', drawer)
    assert found is not None
    assert "Why so high?" in sams.get(found[1], headers=HX).content.decode()
    assert "/model/comments/" not in measure
