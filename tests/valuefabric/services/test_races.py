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
from valuefabric.models import BusinessCase, Commitment, Customer, Evidence, ModelVersion, TelemetryPoint
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
