import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import committed_case, customer_make, model_make
from valuefabric.models import Customer, ModelBranch, ModelVersion, ValueModel
from valuefabric.services.branches import branch_create
from valuefabric.services.customers import customer_update
from valuefabric.services.value_models import model_row_update

type ClientFor = Callable[[User | None, Tenant], Client]

FIGURES = [Decimal("0.222")] * 2


@pytest.fixture(scope="module")
def model(kept_customer: Customer, seller: Actor, governed: Tenant) -> ValueModel:
    """The published model at version 2."""
    with tenant_context(governed):
        made = model_make(kept_customer, seller).model
        lift(made, seller, "0.2")
        made.refresh_from_db()
    made.customer = kept_customer  # requests find their own way in; the fixture's row is at hand outside of it
    return made


def lift(model: ValueModel, actor: Actor, value: str, branch: ModelBranch | None = None) -> ModelVersion:
    return model_row_update(
        model=model,
        branch=branch,
        row="A4",
        values=[Decimal(value), *FIGURES],
        low=[Decimal(0)],
        reason=f"lift {value}",
        actor=actor,
    ).version


@pytest.fixture
def branch(model: ValueModel, seller: Actor, governed: Tenant) -> ModelBranch:
    """A branch from version 1 with another lift: version 3."""
    with tenant_context(governed):
        made = branch_create(model=model, name="Be bold", actor=seller, from_version=1)
        lift(model, seller, "0.24", made)
        made.refresh_from_db()
        return made


def at(model: ValueModel, rest: str = "versions/") -> str:
    return f"/customers/{model.customer.public_id}/model/{rest}"


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def words(page: str) -> str:
    """The page's words without markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def numbers(model: ValueModel) -> list[int]:
    return list(model.versions.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_reads_history_and_difference(
    person: str, model: ValueModel, branch: ModelBranch, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    history = text_of(client, at(model))
    told = words(text_of(client, at(model, "versions/1/2/")))

    assert "lift 0.2" in history
    assert "lift 0.24" not in history  # the branch's own
    assert "Be bold" in history
    assert ("Go back to version 1" in history) is (person in ("alice", "sam", "mia"))
    assert "Net present value" in told
    assert "22.2 % now 20 %" in told


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    model: ValueModel, branch: ModelBranch, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    for rest in ("versions/", "versions/1/2/", f"branches/{branch.public_id}/merge/"):
        assert client_for(None, acme).get(at(model, rest)).status_code == 302
        assert client_for(charlie, globex).get(at(model, rest)).status_code == 404
    for rest in ("versions/1/revert/", "branches/", f"branches/{branch.public_id}/merge/", f"branches/{branch.public_id}/close/"):
        assert client_for(charlie, globex).post(at(model, rest), {"name": "x", "reason": "x"}).status_code == 404


def test_a_restricted_customers_versions_are_not_there_for_others(
    model: ValueModel, seller: Actor, client_for: ClientFor, bob: User, governed: Tenant
) -> None:
    with tenant_context(governed):
        customer_update(customer=model.customer, actor=seller, restricted=True)

    assert client_for(bob, governed).get(at(model)).status_code == 404
    assert client_for(bob, governed).get(at(model, "versions/1/2/")).status_code == 404


def test_viewers_and_approvers_do_not_branch_merge_close_or_revert(
    model: ValueModel, branch: ModelBranch, client_for: ClientFor, governed: Tenant
) -> None:
    for person in ("vera", "bob"):
        client = client_for(User.objects.get(email=PEOPLE[person].email), governed)
        for rest in (
            "versions/1/revert/",
            "branches/",
            f"branches/{branch.public_id}/merge/",
            f"branches/{branch.public_id}/close/",
        ):
            assert client.post(at(model, rest), {"name": "mine", "reason": "x"}).status_code == 403
    with tenant_context(governed):
        assert numbers(model) == [1, 2, 3]
        assert ModelBranch.objects.get().closed_at is None


def test_history_of_a_branch_has_what_it_began_from(model: ValueModel, branch: ModelBranch, sams: Client) -> None:
    page = text_of(sams, at(model, f"versions/?line={branch.public_id}"))

    assert [int(n) for n in re.findall(r'id="version-(\d+)"', page)] == [3, 1]
    assert sams.get(at(model, "versions/?line=zzz")).status_code == 404


def test_figures_of_the_difference_lead_to_their_source_in_each_version(
    model: ValueModel, sams: Client, governed: Tenant
) -> None:
    page = text_of(sams, at(model, "versions/1/2/"))

    with tenant_context(governed):
        first, second = model.versions.order_by("number")
    links = {unescape(link) for link in re.findall(r'href="([^"]*/model/source/[^"]*)"', page)}
    assert at(model, f"source/A4.y1/?version={first.public_id}") in links
    assert at(model, f"source/A4.y1/?version={second.public_id}") in links
    assert at(model, f"source/measure.npv/?version={second.public_id}") in links
    for link in links:
        assert sams.get(link).status_code == 200, link


def test_versions_that_there_are_not_are_404(model: ValueModel, sams: Client) -> None:
    for rest in ("versions/1/9/", "versions/0/1/", "versions/99999999999999999999/1/", "versions/compare/?before=1&after=x"):
        assert sams.get(at(model, rest)).status_code == 404


def test_two_versions_chosen_in_the_form_are_compared_in_order(model: ValueModel, sams: Client) -> None:
    response = sams.get(at(model, "versions/compare/?before=2&after=1"))

    assert response.status_code == 302
    assert "/versions/1/2/" in response["Location"]


def test_going_back_makes_a_version_and_says_so(model: ValueModel, sams: Client, governed: Tenant) -> None:
    answer = sams.post(at(model, "versions/1/revert/"), {"expected": "2", "reason": "too careful"}, follow=True)

    assert "Version 3 says what version 1 said" in words(answer.content.decode())
    with tenant_context(governed):
        made = model.versions.get(number=3)
        assert (made.content_hash, made.reason) == (model.versions.get(number=1).content_hash, "too careful")
    late = sams.post(at(model, "versions/1/revert/"), {"expected": "2", "reason": "late"}, follow=True)
    assert "version 3 by now" in words(late.content.decode())
    with tenant_context(governed):
        assert numbers(model) == [1, 2, 3]


def test_branch_is_made_and_leads_to_its_sheet(model: ValueModel, sams: Client, governed: Tenant) -> None:
    answer = sams.post(at(model, "branches/"), {"name": "Try <it>"})

    with tenant_context(governed):
        made = ModelBranch.objects.get()
    assert (made.name, made.head_number) == ("Try <it>", 2)
    assert f"branch={made.public_id}" in answer["Location"]
    assert sams.get(answer["Location"]).status_code == 200
    page = text_of(sams, at(model))
    assert "Try &lt;it&gt;" in page
    assert "Try <it>" not in page
    again = sams.post(at(model, "branches/"), {"name": "try <IT>"}, follow=True)
    assert "already" in words(again.content.decode())


def test_merge_page_tells_what_comes_and_merges(model: ValueModel, seller: Actor, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        branch = branch_create(model=model, name="Notes", actor=seller)
        model_row_update(model=model, branch=branch, row="A5", note="read twice", reason="note", actor=seller)
    url = at(model, f"branches/{branch.public_id}/merge/")

    page = words(text_of(sams, url))
    answer = sams.post(url, {"main": "2", "branch": "3", "reason": "agreed"}, follow=True)

    assert "note nothing → “read twice”" in page
    assert "Merged as version 4." in words(answer.content.decode())
    with tenant_context(governed):
        made = model.versions.get(number=4)
        assert (made.reason, made.branch, made.merge_parent.number) == ("agreed", None, 3)
    assert "There is nothing to merge" in words(text_of(sams, url))


def test_conflict_is_shown_with_both_sides_and_decided_on_the_page(
    model: ValueModel, branch: ModelBranch, sams: Client, governed: Tenant
) -> None:
    url = at(model, f"branches/{branch.public_id}/merge/")

    page = words(text_of(sams, url))
    refused = sams.post(url, {"main": "2", "branch": "3", "reason": "because I said so"})
    merged = sams.post(url, {"main": "2", "branch": "3", "reason": "bold", "choice:rows.A4.values.y1": "theirs"}, follow=True)

    assert "One thing to decide" in page
    assert "Lift in retention among users, Year 1 was 22.2 %" in page
    assert "20 % Main line" in page
    assert "24 % Be bold" in page
    assert refused.status_code == 409
    assert 'value="because I said so"' in refused.content.decode()
    assert "Merged as version 4." in words(merged.content.decode())
    with tenant_context(governed):
        assert numbers(model) == [1, 2, 3, 4]


def test_merge_of_heads_that_moved_on_merges_nothing(
    model: ValueModel, branch: ModelBranch, sams: Client, governed: Tenant
) -> None:
    url = at(model, f"branches/{branch.public_id}/merge/")

    answer = sams.post(url, {"main": "1", "branch": "3", "reason": "x", "choice:*": "theirs"}, follow=True)

    assert "version 2 by now" in words(answer.content.decode())
    with tenant_context(governed):
        assert numbers(model) == [1, 2, 3]


def test_locked_main_line_is_told_and_the_branch_can_be_brought_up(
    customer: Customer,
    seller: Actor,
    bob: User,
    carol: User,
    actor_for: Callable[[User], Actor],
    sams: Client,
    governed: Tenant,
) -> None:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        model = committed_case(customer, seller, voters).model_version.model
        model.customer = customer
        branch = branch_create(model=model, name="Next year", actor=seller)
        lift(model, seller, "0.24", branch)
    url = at(model, f"branches/{branch.public_id}/merge/")

    page = text_of(sams, url)
    refused = sams.post(url, {"main": "1", "branch": "2", "reason": "x"})

    assert "locked by a commitment" in page
    assert 'name="reason"' not in page
    assert refused.status_code == 409
    assert "Go back to" not in text_of(sams, at(model))
    assert "There is nothing to merge" in text_of(sams, f"{url}?into=branch")
    with tenant_context(governed):
        assert numbers(model) == [1, 2]


def test_closing_a_branch_keeps_its_versions(model: ValueModel, branch: ModelBranch, sams: Client, governed: Tenant) -> None:
    answer = sams.post(at(model, f"branches/{branch.public_id}/close/"), follow=True)

    assert "Its versions stay" in words(answer.content.decode())
    with tenant_context(governed):
        assert ModelBranch.objects.get().closed_at is not None
        assert numbers(model) == [1, 2, 3]


def test_another_customers_branch_is_not_found(
    model: ValueModel, branch: ModelBranch, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        second = customer_make(seller, name="Second")
        other = model_make(second, seller).model
    for rest in (f"branches/{branch.public_id}/merge/", f"branches/{branch.public_id}/close/"):
        assert sams.post(at(other, rest), {"reason": "x"}).status_code == 404
    assert sams.get(at(other, f"versions/?line={branch.public_id}")).status_code == 404


def test_history_takes_as_many_queries_for_three_as_for_one(
    model: ValueModel, branch: ModelBranch, seller: Actor, sams: Client, governed: Tenant
) -> None:
    sams.get(at(model))
    with CaptureQueriesContext(connection) as few:
        sams.get(at(model))
    with tenant_context(governed):
        for value in ("0.1", "0.15", "0.12"):
            lift(model, seller, value)
            lift(model, seller, value, branch_create(model=model, name=value, actor=seller))
    with CaptureQueriesContext(connection) as many:
        page = text_of(sams, at(model))

    assert page.count('id="version-') == 5
    assert len(many) == len(few)


def test_sheet_of_a_branch_is_edited_and_saved_on_the_branch(
    model: ValueModel, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        fresh = branch_create(model=model, name="Fresh", actor=seller)  # shows the main line's head: it has no version of its own
        head = model.versions.get(number=2)
    page = text_of(sams, at(model, f"?version={head.public_id}&branch={fresh.public_id}"))
    edits = [{"op": "cells", "cells": [{"row": "A4", "period": "y1", "text": "21 %"}]}]
    body = {"version": str(head.public_id), "edits": edits, "reason": "on the branch"}

    saved = sams.post(at(model, f"save/?branch={fresh.public_id}"), body, content_type="application/json")
    late = sams.post(at(model, f"save/?branch={fresh.public_id}"), body, content_type="application/json")

    assert "This is the branch “Fresh”" in words(page)
    assert "data-editable" in page
    assert f"save/?branch={fresh.public_id}" in unescape(page)
    assert (saved.status_code, saved.json()["number"]) == (200, 3)
    assert (late.status_code, late.json()["number"]) == (409, 3)
    with tenant_context(governed):
        assert (model.versions.get(number=3).branch, ValueModel.objects.get(pk=model.pk).head_number) == (fresh, 2)
    assert "This is the branch “Fresh”" in words(text_of(sams, saved.json()["url"]))
    assert sams.post(at(model, "save/?branch=zzz"), body, content_type="application/json").status_code == 404


def test_row_of_a_branch_is_edited_on_the_branch_without_script(
    model: ValueModel, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        fresh = branch_create(model=model, name="Fresh", actor=seller)
        head = model.versions.get(number=2)
    url = at(model, f"rows/A4/?version={head.public_id}&branch={fresh.public_id}")
    assert url in unescape(text_of(sams, at(model, f"?version={head.public_id}&branch={fresh.public_id}")))
    form = {"source_kind": "kept", "confidence": "low", "reason": "x"}
    form |= {f"values_{period}": "21 %" for period in ("y1", "y2", "y3")}
    form |= {f"low_{period}": "10 %" for period in ("y1", "y2", "y3")} | {
        f"high_{period}": "25 %" for period in ("y1", "y2", "y3")
    }

    answer = sams.post(url, form)

    assert answer.status_code == 302, words(answer.content.decode())
    with tenant_context(governed):
        assert model.versions.get(number=3).branch == fresh
        assert ValueModel.objects.get(pk=model.pk).head_number == 2


def test_branch_of_a_committed_model_can_be_edited_in_the_sheet(
    model: ValueModel, branch: ModelBranch, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        ValueModel.objects.filter(pk=model.pk).update(locked_at="2027-01-01T00:00Z")
        own = branch.versions.get(number=3)

    assert "data-editable" in text_of(sams, at(model, f"?version={own.public_id}"))
    assert "data-editable" not in text_of(sams, at(model))
