from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import committed_case, customer_make, model_make
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import Customer, ModelBranch, ModelComment, ModelVersion, ValueModel
from valuefabric.services.branches import branch_create
from valuefabric.services.comments import comment_add

ClientFor = Callable[[User | None, Tenant], Client]
JSON = "application/json"


@pytest.fixture(scope="module")
def model(kept_customer: Customer, seller: Actor, acme: Tenant) -> ValueModel:
    """The published model at version 1."""
    with tenant_context(acme):
        return model_make(kept_customer, seller).model


@pytest.fixture
def api(client_for: ClientFor, sam: User, acme: Tenant) -> Client:
    """Sam's client."""
    return client_for(sam, acme)


@pytest.fixture
def strangers(client_for: ClientFor, charlie: User, globex: Tenant) -> Client:
    """Charlie's client, in the other tenant."""
    return client_for(charlie, globex)


def at(model: ValueModel, path: str) -> str:
    return f"/api/v1/models/{model.public_id}/{path}"


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(path, body or {}, content_type=JSON, headers=headers)


def edit(client: Client, model: ValueModel, lift: str, version: int, **more: Any) -> Any:
    body = {"version": version, "reason": f"lift {lift}", "values": [lift, "0.222", "0.222"], "low": ["0"], **more}
    return client.patch(at(model, "rows/A4/"), body, content_type=JSON)


def branched(client: Client, model: ValueModel, lift: str = "0.1") -> str:
    """A branch with one version of its own."""
    branch = post(client, at(model, "branches/"), {"name": "try"}).json()["id"]
    assert edit(client, model, lift, 1, branch=branch).status_code == 200
    return str(branch)


def merge(client: Client, model: ValueModel, branch: str, **more: Any) -> Any:
    return post(client, at(model, f"branches/{branch}/merge/"), {"reason": "both", "version": 1, "branch_version": 2, **more})


def test_versions_are_listed_and_read_with_line_and_parents(api: Client, model: ValueModel) -> None:
    branch = branched(api, model)
    merge(api, model, branch)

    listed = api.get(at(model, "versions/")).json()["results"]
    whole = api.get(at(model, "versions/2/")).json()
    main = api.get(at(model, "versions/"), {"branch": "main"}).json()["results"]
    beside = api.get(at(model, "versions/"), {"branch": branch}).json()["results"]

    assert [(one["number"], one["branch"], one["parent"], one["merged"]) for one in listed] == [
        (3, None, 1, 2),
        (2, branch, 1, None),
        (1, None, None, None),
    ]
    assert "document" not in listed[0]
    assert (whole["reason"], whole["document"]["format"]) == ("lift 0.1", "vos.model/1")
    assert ([one["number"] for one in main], [one["number"] for one in beside]) == ([3, 1], [2])
    assert api.get(at(model, "versions/"), {"branch": "x"}).status_code == 400


def test_difference_tells_what_was_written_and_what_came_out_otherwise(api: Client, model: ValueModel) -> None:
    edit(api, model, "0.2", 1)

    told = api.get(at(model, "versions/1/diff/2/")).json()

    changed = {(one["key"], one["field"], one["period"]): (one["before"], one["after"]) for one in told["changes"]}
    assert changed["A4", "values", "y1"] == ("0.222", "0.2")
    cells = {(one["row"], one["period"]): (one["before"], one["after"]) for one in told["cells"]}
    assert cells["A5", "y1"] == ("0.044", "0.039")
    assert {one["name"] for one in told["measures"]} >= {"npv", "driver.retention.pv"}
    assert told["sentences"][0].startswith("Net present value down from 15,681,125 USD")
    same = api.get(at(model, "versions/1/diff/1/")).json()
    assert (same["sentences"], same["changes"], same["cells"]) == ([], [], [])
    assert api.get(at(model, "versions/1/diff/9/")).status_code == 404


def test_branch_is_made_edited_merged_and_closed(api: Client, model: ValueModel, acme: Tenant) -> None:
    branch = branched(api, model)
    read = api.get(at(model, f"branches/{branch}/")).json()

    merged = merge(api, model, branch)
    again = merge(api, model, branch, version=3)
    closed = post(api, at(model, f"branches/{branch}/close/"))

    assert (read["name"], read["from_version"], read["version"]) == ("try", 1, 2)
    assert (merged.status_code, merged.json()["version"], merged.json()["changed"]) == (200, 3, True)
    assert (again.status_code, again.json()["version"], again.json()["changed"]) == (200, 3, False)
    assert closed.json()["closed_by"].startswith("user:")
    assert edit(api, model, "0.3", 2, branch=branch).status_code == 409
    assert api.get(f"/api/v1/models/{model.public_id}/").json()["version"] == 3
    with tenant_context(acme):
        assert ModelVersion.objects.count() == 3


def test_conflicts_are_a_problem_that_names_row_period_and_values(api: Client, model: ValueModel, acme: Tenant) -> None:
    branch = branched(api, model)
    edit(api, model, "0.2", 1)

    answer = merge(api, model, branch, version=3)

    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "Both lines changed one thing differently. Choose for each, and merge again."
    assert answer.json()["conflicts"] == [
        {
            "place": "rows.A4.values.y1", "row": "A4", "driver": "retention", "label": "Lift in retention among users",
            "field": "values", "period": "y1", "base": "0.222", "ours": "0.2", "theirs": "0.1",
        }
    ]  # fmt: skip
    with tenant_context(acme):
        assert ModelVersion.objects.count() == 3
    chosen = merge(api, model, branch, version=3, choices={"drivers.retention": "theirs"})
    assert chosen.status_code == 200
    assert api.get(at(model, "versions/1/diff/4/")).json()["changes"][0]["after"] == "0.1"


def test_two_lines_that_do_not_fit_together_are_a_problem_that_names_the_row(api: Client, model: ValueModel) -> None:
    branch = post(api, at(model, "branches/"), {"name": "try"}).json()["id"]
    body = {"version": 1, "reason": "range", "low": ["0.2"], "branch": branch}
    api.patch(at(model, "rows/A4/"), body, content_type=JSON)
    edit(api, model, "0.1", 1)

    answer = merge(api, model, branch, version=3, choices={"rows.A4.low": "theirs"})

    assert answer.status_code == 409
    assert "merge again" in answer.json()["detail"]
    assert "A4" in answer.json()["detail"]


def test_main_line_comes_to_the_branch(api: Client, model: ValueModel) -> None:
    branch = branched(api, model)
    api.patch(at(model, "rows/A5/"), {"version": 1, "reason": "n", "note": "n"}, content_type=JSON)

    made = merge(api, model, branch, into="branch", version=3)

    assert made.json()["version"] == 4
    assert api.get(at(model, "versions/4/")).json()["branch"] == branch


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "x"},
        {"reason": "x", "version": 1, "branch_version": 2, "into": "other"},
        {"reason": "x", "version": 1, "branch_version": 2, "choices": {"*": "mine"}},
        {"reason": "x", "version": 1, "branch_version": 2, "choices": ["*"]},
        {"reason": "x" * 501, "version": 1, "branch_version": 2},
    ],
)
def test_merge_asked_badly_is_400_and_merges_nothing(api: Client, model: ValueModel, acme: Tenant, body: dict[str, Any]) -> None:
    branch = branched(api, model)

    answer = post(api, at(model, f"branches/{branch}/merge/"), body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    with tenant_context(acme):
        assert ModelVersion.objects.count() == 2


def test_merge_of_heads_that_moved_on_is_409(api: Client, model: ValueModel) -> None:
    branch = branched(api, model)

    assert merge(api, model, branch, version=7).status_code == 409
    assert merge(api, model, branch, branch_version=1).status_code == 409


def test_committed_model_is_branched_and_not_merged_into(
    api: Client, customer: Customer, seller: Actor, voters: tuple[Actor, Actor], acme: Tenant
) -> None:
    with tenant_context(acme):
        model = committed_case(customer, seller, voters).model_version.model
    branch = branched(api, model)

    refused = merge(api, model, branch, choices={"*": "theirs"})

    assert refused.status_code == 409
    assert "committed" in refused.json()["detail"]
    reverted = post(api, at(model, "versions/1/revert/"), {"version": 1, "reason": "x"})
    assert reverted.status_code == 409
    with tenant_context(acme):
        assert ValueModel.objects.get(pk=model.pk).head_number == 1


def test_revert_makes_the_next_version(api: Client, model: ValueModel) -> None:
    edit(api, model, "0.2", 1)

    back = post(api, at(model, "versions/1/revert/"), {"version": 2, "reason": "too careful"})

    assert (back.status_code, back.json()["number"], back.json()["parent"]) == (200, 3, 2)
    assert back.json()["content_hash"] == api.get(at(model, "versions/1/")).json()["content_hash"]
    assert post(api, at(model, "versions/1/revert/"), {"version": 2, "reason": "late"}).status_code == 409
    assert post(api, at(model, "versions/9/revert/"), {"version": 3, "reason": "x"}).status_code == 404


def test_comments_are_made_answered_changed_and_resolved(
    api: Client, client_for: ClientFor, model: ValueModel, bob: User, acme: Tenant
) -> None:
    bobs = client_for(bob, acme)
    made = post(bobs, at(model, "comments/"), {"row": "A4", "period": "y1", "text": "Why so high?"})
    here = at(model, f"comments/{made.json()['id']}/")

    answer = post(api, f"{here}replies/", {"text": "One <b>cohort</b>."})
    changed = bobs.patch(here, {"text": "Why 22 %?"}, content_type=JSON)
    resolved = post(api, f"{here}resolve/")
    [thread] = api.get(at(model, "comments/"), {"row": "A4", "resolved": "true"}).json()["results"]

    assert (made.status_code, made.json()["version"], answer.status_code) == (201, 1, 201)
    assert changed.json()["edited_at"] is not None
    assert resolved.json()["resolved_by"].startswith("user:")
    assert (thread["comment"]["text"], thread["label"], thread["gone"]) == (
        "Why 22 %?",
        "Lift in retention among users",
        False,
    )
    assert [one["text"] for one in thread["replies"]] == ["One <b>cohort</b>."]
    assert post(api, f"{here}reopen/").json()["resolved_at"] is None
    assert api.get(at(model, "comments/"), {"resolved": "true"}).json()["results"] == []
    assert api.patch(here, {"text": "Mine now."}, content_type=JSON).status_code == 403
    assert api.get(at(model, f"comments/{answer.json()['id']}/")).json()["thread"] == made.json()["id"]


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x" * 4_001}, {"text": "x", "row": "Z9"}, {"text": "x", "period": "y1"}, {"text": "\x00"}]
)
def test_bad_comment_is_400_and_kept_nowhere(api: Client, model: ValueModel, acme: Tenant, body: dict[str, str]) -> None:
    assert post(api, at(model, "comments/"), body).status_code == 400

    with tenant_context(acme):
        assert ModelComment.objects.count() == 0


def test_idempotency_key_makes_one_branch_one_merge_and_one_comment(api: Client, model: ValueModel, acme: Tenant) -> None:
    first, second = (post(api, at(model, "branches/"), {"name": "try"}, **{"Idempotency-Key": "b"}) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    edit(api, model, "0.1", 1, branch=first.json()["id"])
    body = {"reason": "both", "version": 1, "branch_version": 2}
    path = at(model, f"branches/{first.json()['id']}/merge/")
    merged = [post(api, path, body, **{"Idempotency-Key": "m"}).json()["version"] for _ in range(2)]
    said = [post(api, at(model, "comments/"), {"text": "Hm."}, **{"Idempotency-Key": "c"}).json()["id"] for _ in range(2)]

    assert (merged, len(set(said))) == ([3, 3], 1)
    with tenant_context(acme):
        assert (ModelBranch.objects.count(), ModelVersion.objects.count(), ModelComment.objects.count()) == (1, 3, 1)


def test_refused_merge_with_a_key_can_be_sent_again_with_choices(api: Client, model: ValueModel) -> None:
    branch = branched(api, model)
    edit(api, model, "0.2", 1)
    path, body = at(model, f"branches/{branch}/merge/"), {"reason": "both", "version": 3, "branch_version": 2}

    assert post(api, path, body, **{"Idempotency-Key": "m"}).status_code == 409
    assert post(api, path, {**body, "choices": {"*": "ours"}}, **{"Idempotency-Key": "m"}).status_code == 200


def addresses(model: ValueModel, branch: str, comment: str) -> list[tuple[str, str, dict[str, Any]]]:
    merging = {"reason": "x", "version": 1, "branch_version": 1}
    return [
        ("get", "versions/", {}),
        ("get", "versions/1/", {}),
        ("get", "versions/1/diff/1/", {}),
        ("get", "branches/", {}),
        ("get", f"branches/{branch}/", {}),
        ("get", "comments/", {}),
        ("get", f"comments/{comment}/", {}),
        ("post", "versions/1/revert/", {"version": 1, "reason": "x"}),
        ("post", "branches/", {"name": "mine"}),
        ("post", f"branches/{branch}/merge/", merging),
        ("post", f"branches/{branch}/close/", {}),
        ("post", "comments/", {"text": "x"}),
        ("patch", f"comments/{comment}/", {"text": "x"}),
        ("post", f"comments/{comment}/replies/", {"text": "x"}),
        ("post", f"comments/{comment}/resolve/", {}),
        ("post", f"comments/{comment}/reopen/", {}),
    ]


def ask(client: Client, method: str, path: str, body: dict[str, Any]) -> int:
    options: dict[str, Any] = {} if method == "get" else {"content_type": JSON}
    return int(getattr(client, method)(path, body, **options).status_code)


@pytest.fixture
def parts(model: ValueModel, seller: Actor, acme: Tenant) -> tuple[str, str]:
    """A branch and a comment of the model."""
    with tenant_context(acme):
        branch = branch_create(model=model, name="try", actor=seller)
        return str(branch.public_id), str(comment_add(model=model, text="Hm.", actor=seller).public_id)


def test_other_tenants_ids_answer_404_everywhere(
    strangers: Client, model: ValueModel, parts: tuple[str, str], acme: Tenant
) -> None:
    for method, path, body in addresses(model, *parts):
        assert ask(strangers, method, at(model, path), body) == 404, (method, path)
    with tenant_context(acme):
        assert (ModelBranch.objects.count(), ModelVersion.objects.count(), ModelComment.objects.count()) == (1, 1, 1)


def test_restricted_customers_model_answers_404_everywhere_to_who_cannot_see_it(
    client_for: ClientFor, model: ValueModel, parts: tuple[str, str], acme: Tenant, bob: User, owner: Actor
) -> None:
    with tenant_context(acme):
        Customer.objects.update(restricted=True, owner_id=owner.user_id)
    bobs = client_for(bob, acme)
    for method, path, body in addresses(model, *parts):
        # Writing is asked for first: a role that may not write at all learns nothing of what there is.
        expected = 403 if method == "post" and not path.startswith("comments") else 404
        assert ask(bobs, method, at(model, path), body) == expected, (method, path)


def test_another_models_branch_and_comment_answer_404(
    api: Client, model: ValueModel, parts: tuple[str, str], seller: Actor, acme: Tenant
) -> None:
    with tenant_context(acme):
        other = model_make(customer_make(seller, name="Second"), seller).model
    branch, comment = parts
    for method, path, body in addresses(other, *parts):
        if branch in path or comment in path:
            assert ask(api, method, at(other, path), body) == 404, (method, path)
    assert edit(api, other, "0.1", 1, branch=branch).status_code == 404
    body = {"version": 1, "reason": "x", "branch": branch}
    assert post(api, at(other, "versions/1/revert/"), body).status_code == 404


@pytest.mark.parametrize("bad", ["0", "zzz", "00000000-0000-4000-8000-000000000000", "-" * 36, "1' OR 1=1"])
def test_ids_that_are_none_answer_404(api: Client, model: ValueModel, bad: str) -> None:
    for path in (f"models/{bad}/versions/", f"models/{model.public_id}/branches/{bad}/"):
        assert api.get(f"/api/v1/{path}").status_code == 404
    assert api.get(at(model, f"comments/{bad}/")).status_code == 404
    assert api.get(at(model, "versions/999999999/")).status_code == 404
    assert api.get(at(model, "versions/0/")).status_code == 404


@pytest.mark.parametrize(("person", "writes", "comments"), [("vera", 403, 403), ("bob", 403, 201), ("alice", 201, 201)])
def test_roles_read_all_and_write_what_they_may(
    client_for: ClientFor, model: ValueModel, parts: tuple[str, str], acme: Tenant, person: str, writes: int, comments: int
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), acme)

    for method, path, body in addresses(model, *parts):
        if method == "get":
            assert ask(client, method, at(model, path), body) == 200
    assert post(client, at(model, "branches/"), {"name": "mine"}).status_code == writes
    assert post(client, at(model, "comments/"), {"text": "Hm."}).status_code == comments


def test_anonymous_is_refused_everywhere(client_for: ClientFor, model: ValueModel, parts: tuple[str, str], acme: Tenant) -> None:
    nobody = client_for(None, acme)
    for method, path, body in addresses(model, *parts):
        assert ask(nobody, method, at(model, path), body) == 403, (method, path)


@pytest.mark.parametrize("resource", ["versions", "branches", "comments"])
def test_lists_take_as_many_queries_for_three_as_for_one(
    api: Client, model: ValueModel, parts: tuple[str, str], seller: Actor, acme: Tenant, resource: str
) -> None:
    path = at(model, f"{resource}/")
    api.get(path)
    with CaptureQueriesContext(connection) as one:
        api.get(path)
    for number in range(2):
        branch = post(api, at(model, "branches/"), {"name": f"more {number}"}).json()
        edit(api, model, "0.1", 1, branch=branch["id"])
        comment = post(api, at(model, "comments/"), {"row": "A4", "text": "Hm."}).json()
        post(api, at(model, f"comments/{comment['id']}/replies/"), {"text": "Hm."})
    with CaptureQueriesContext(connection) as three:
        assert len(api.get(path).json()["results"]) == 3

    # Answers are read only where there is a thread: from the first one on it is one query for all.
    assert len(three) == len(one)
