"""Two at once, with real commits: the second waits, and finds what the first has done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import DISCOVERY, approved, customer_make, model_make, stamped_case
from valuefabric.models import BusinessCase, Commitment, Customer, Evidence, ModelBranch, ModelVersion, TelemetryPoint
from valuefabric.services.branch_merges import Merge, branch_merge
from valuefabric.services.branches import BranchRefused, branch_create
from valuefabric.services.commitments import case_commit
from valuefabric.services.evidence import evidence_add
from valuefabric.services.telemetry import telemetry_ingest
from valuefabric.services.value_models import ModelChanged, model_row_update


def _person(key: str) -> Actor:
    user, role = User.objects.get(email=PEOPLE[key].email), PEOPLE[key].role
    return Actor(f"user:{user.pk}", Role(role), user.pk, user.name)


@pytest.fixture
def people(committed: Tenant) -> dict[str, Actor]:
    """The people of Acme as actors."""
    return {key: _person(key) for key in ("sam", "bob", "carol")}


@pytest.fixture
def shared_customer(committed: Tenant, people: dict[str, Actor]) -> Iterator[Customer]:
    """A customer that other connections see."""
    with tenant_context(committed):
        yield customer_make(people["sam"])


def twice(tenant: Tenant, work: Callable[[], object]) -> list[object]:
    """Run ``work`` in two threads with connections of their own; an exception is a result."""

    def run() -> object:
        try:
            with tenant_context(tenant):
                return work()
        except Exception as error:  # noqa: BLE001  -- what the loser gets is what is tested
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(run), pool.submit(run)]]


def test_same_upload_twice_at_once_is_one_document(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    content = (DISCOVERY / "call_notes.md").read_bytes()

    both = twice(
        committed, lambda: evidence_add(customer=shared_customer, filename="a.md", content=content, actor=people["sam"]).pk
    )

    assert both[0] == both[1]
    assert Evidence.objects.count() == 1


def test_same_telemetry_twice_at_once_is_stored_once(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    content = (DISCOVERY / "telemetry.csv").read_bytes()

    both = twice(
        committed,
        lambda: telemetry_ingest(customer=shared_customer, filename="t.csv", content=content, actor=people["sam"]).added,
    )

    assert sorted(both) == [0, 72]
    assert TelemetryPoint.objects.count() == 72


def test_two_edits_of_one_version_make_one_version(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    model = model_make(shared_customer, people["sam"]).model

    both = twice(
        committed,
        lambda: (
            model_row_update(
                model=model, row="A4", confidence="low", reason="x", actor=people["sam"], expected_version=1
            ).version.number
        ),
    )

    assert sorted(str(type(one).__name__) for one in both) == ["ModelChanged", "int"]
    assert next(one for one in both if isinstance(one, ModelChanged)).args[0].startswith("The model is at version 2")
    assert ModelVersion.objects.count() == 2


def test_commit_twice_at_once_is_one_commitment(committed: Tenant, shared_customer: Customer, people: dict[str, Actor]) -> None:
    case = stamped_case(shared_customer, people["sam"])
    approval = approved(case, people["sam"], (people["bob"], people["carol"]))

    both = twice(committed, lambda: case_commit(case=case, approval=approval, actor=people["sam"]).pk)

    assert both[0] == both[1]
    assert Commitment.objects.count() == 1
    assert BusinessCase.objects.get().state == "committed"


def test_two_merges_at_once_make_one_version(committed: Tenant, shared_customer: Customer, people: dict[str, Actor]) -> None:
    model = model_make(shared_customer, people["sam"]).model
    branch = branch_create(model=model, name="try", actor=people["sam"])
    model_row_update(model=model, branch=branch, row="A4", confidence="low", reason="x", actor=people["sam"])

    both = twice(committed, lambda: branch_merge(branch=branch, actor=people["sam"], reason="both"))

    assert all(isinstance(one, Merge) for one in both), both
    assert sorted((one.version.number, one.changed) for one in both if isinstance(one, Merge)) == [(3, False), (3, True)]
    assert ModelVersion.objects.count() == 3


def test_merges_of_two_branches_at_once_both_arrive(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    model = model_make(shared_customer, people["sam"]).model
    branches = [branch_create(model=model, name=name, actor=people["sam"]) for name in ("one", "other")]
    for branch, row in zip(branches, ("A4", "A3"), strict=True):
        model_row_update(model=model, branch=branch, row=row, confidence="low", reason="x", actor=people["sam"])
    waiting = list(branches)

    both = twice(committed, lambda: branch_merge(branch=waiting.pop(), actor=people["sam"], reason="both").version.number)

    assert sorted(str(one) for one in both) == ["4", "5"]
    last = ModelVersion.objects.get(number=5)
    assert {row["key"]: row["confidence"] for row in last.document["rows"] if row["key"] in ("A3", "A4")} == {
        "A3": "low",
        "A4": "low",
    }
    assert last.parent is not None
    assert last.parent.number == 4


def test_two_merges_at_once_that_both_saw_version_1_make_one_version(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    model = model_make(shared_customer, people["sam"]).model
    branches = [branch_create(model=model, name=name, actor=people["sam"]) for name in ("one", "other")]
    for branch, row in zip(branches, ("A4", "A3"), strict=True):
        model_row_update(model=model, branch=branch, row=row, confidence="low", reason="x", actor=people["sam"])
    waiting = list(branches)

    both = twice(
        committed,
        lambda: branch_merge(branch=waiting.pop(), actor=people["sam"], reason="x", expected_version=1).version.number,
    )

    assert sorted(type(one).__name__ for one in both) == ["ModelChanged", "int"]
    assert ModelVersion.objects.filter(branch=None).count() == 2


def test_same_branch_name_twice_at_once_is_one_branch(
    committed: Tenant, shared_customer: Customer, people: dict[str, Actor]
) -> None:
    model = model_make(shared_customer, people["sam"]).model

    both = twice(committed, lambda: branch_create(model=model, name="try", actor=people["sam"]).pk)

    assert sorted(type(one).__name__ for one in both) == ["BranchRefused", "int"]
    assert any(isinstance(one, BranchRefused) for one in both)
    assert ModelBranch.objects.count() == 1
