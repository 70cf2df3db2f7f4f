"""The pages of runs: who sees them, who steers them, and what a person may press at which moment."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from agents.registry.services import catalog_register
from kernel.actors import SYSTEM
from kernel.audit.models import AuditRecord
from kernel.processes.services import process_event, process_finish, process_run, process_start
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make, evidence_make
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from valuefabric.models import Customer
from valuefabric.services.customers import customer_create
from workflows.models import Execution
from workflows.services import signal_send, step_check, step_run
from workflows.steps.protocol import StepTerminal

type ClientFor = Callable[[User | None, Tenant], Client]

MAY_STEER = ["alice", "sam", "mia"]
MAY_LOOK = ["bob", "vera"]


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    """No fault of one test hits the next."""
    FAULTS.clear()
    yield
    FAULTS.clear()


@pytest.fixture
def as_person(client_for: ClientFor, acme: Tenant) -> Callable[[str], Client]:
    """``as_person("bob")`` is Bob's browser."""

    def make(name: str) -> Client:
        return client_for(User.objects.get(email=PEOPLE[name].email), acme)

    return make


@pytest.fixture
def failed(acme: Tenant, customer: Customer, seller: Actor) -> Execution:
    """A run of Sam's whose second step failed, about a customer."""
    with tenant_context(acme):
        FAULTS["commit", "b"] = [StepTerminal("The price list is missing.\nline 2 of it")]
        return drive(started(actor=seller, subject=customer.reference))


def url_of(run: Execution) -> str:
    return f"/runs/{run.public_id}/"


def text_of(client: Client, url: str, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def fresh(run: Execution) -> Execution:
    with schema_context("acme"):
        return Execution.objects.get(pk=run.pk)


@pytest.mark.parametrize("person", [*MAY_STEER, *MAY_LOOK])
def test_every_role_sees_runs(person: str, failed: Execution, as_person: Callable[[str], Client]) -> None:
    client = as_person(person)
    listed, page = text_of(client, "/runs/"), text_of(client, url_of(failed))

    assert "Composite organization" in listed
    assert "1/3" in listed
    assert "The price list is missing." in page
    assert "Sam Seller" in page
    assert ("steps/b/retry/" in page) is (person in MAY_STEER)
    assert ("do/roll_back/" in page) is (person in MAY_STEER)


def test_an_anonymous_visitor_is_sent_to_log_in(failed: Execution, client_for: ClientFor, acme: Tenant) -> None:
    client = client_for(None, acme)
    for url in ("/runs/", url_of(failed)):
        response = client.get(url)
        assert (response.status_code, response["location"].split("?")[0]) == (302, "/accounts/login/")


def test_an_empty_list_says_what_a_run_is(sams: Client) -> None:
    assert "A run is one passage through a workflow" in text_of(sams, "/runs/")


def test_the_list_can_be_narrowed_to_failed_runs(failed: Execution, sams: Client) -> None:
    assert "Composite organization" in text_of(sams, "/runs/?state=failed")
    assert "Composite organization" not in text_of(sams, "/runs/?state=completed")
    assert "Composite organization" not in text_of(sams, "/runs/?state=%27%3B--")


def test_a_page_that_is_not_a_number_is_the_first(failed: Execution, sams: Client) -> None:
    assert "Composite organization" in text_of(sams, "/runs/?page=zzz")


def test_script_gets_only_the_steps(failed: Execution, sams: Client) -> None:
    part = text_of(sams, url_of(failed), **{"HX-Request": "true"})
    assert part.lstrip().startswith("<div")
    assert "<html" not in part
    assert 'id="step-b"' in part


def test_the_failed_step_shows_attempt_error_and_what_to_do(failed: Execution, sams: Client) -> None:
    page = text_of(sams, url_of(failed))
    assert "Nothing of this step was kept" in page
    assert "StepTerminal" in page
    assert f"/runs/{failed.public_id}/steps/b/retry/" in page
    assert f"/runs/{failed.public_id}/steps/b/skip/" in page


@pytest.mark.parametrize("path", ["", "do/pause/", "steps/b/retry/"])
def test_a_run_of_another_tenant_is_not_there(
    path: str, failed: Execution, client_for: ClientFor, charlie: User, globex: Tenant
) -> None:
    client = client_for(charlie, globex)
    url = url_of(failed) + path
    assert (client.post(url) if path else client.get(url)).status_code == 404
    assert fresh(failed).state == "failed"
    assert "Composite organization" not in text_of(client, "/runs/")


def test_an_unknown_run_is_not_there(sams: Client) -> None:
    assert sams.get(f"/runs/{uuid.uuid4()}/").status_code == 404


def test_a_run_about_a_restricted_customer_is_not_there_for_others(
    governed: Tenant, seller: Actor, as_person: Callable[[str], Client]
) -> None:
    with tenant_context(governed):
        hidden = customer_create(actor=seller, name="Quiet Holdings", restricted=True)
        run = started(actor=seller, subject=hidden.reference)

    assert "Quiet Holdings" in text_of(as_person("sam"), "/runs/")
    assert "Quiet Holdings" not in text_of(as_person("bob"), "/runs/")
    assert as_person("bob").get(url_of(run)).status_code == 404
    assert as_person("mia").post(f"{url_of(run)}do/pause/").status_code == 404


@pytest.mark.parametrize("person", MAY_LOOK)
@pytest.mark.parametrize("path", ["do/pause/", "do/cancel/", "do/roll_back/", "steps/b/retry/", "steps/b/skip/"])
def test_those_who_may_only_look_steer_nothing(
    person: str, path: str, failed: Execution, as_person: Callable[[str], Client]
) -> None:
    with schema_context("acme"):
        before = (states(failed), AuditRecord.objects.count())
    assert as_person(person).post(url_of(failed) + path).status_code == 403
    with schema_context("acme"):
        assert (states(failed), AuditRecord.objects.count()) == before
    assert fresh(failed).state == "failed"


@pytest.mark.parametrize("path", ["do/pause/", "steps/b/retry/"])
def test_nothing_is_steered_by_a_link(path: str, failed: Execution, sams: Client) -> None:
    assert sams.get(url_of(failed) + path).status_code == 405
    assert fresh(failed).state == "failed"


def test_retry_runs_the_step_again(failed: Execution, sams: Client) -> None:
    response = sams.post(f"{url_of(failed)}steps/b/retry/")
    assert (response.status_code, response["location"]) == (302, f"{url_of(failed)}#step-b")
    with schema_context("acme"):
        assert drive(failed).state == "completed"
        assert effects() == ["do a", "do b", "do c"]


def test_skip_keeps_its_reason(failed: Execution, sams: Client) -> None:
    sams.post(f"{url_of(failed)}steps/b/skip/", {"reason": "Done by hand."})
    with schema_context("acme"):
        assert (states(failed)["b"], step_of(failed, "b").reason) == ("skipped", "Done by hand.")
    assert "Done by hand." in text_of(sams, url_of(failed))


def test_a_step_that_did_not_fail_is_not_retried(failed: Execution, sams: Client) -> None:
    response = sams.post(f"{url_of(failed)}steps/a/retry/")
    assert "only a failed one can be retried" in said(response)[0]
    with schema_context("acme"):
        assert effects() == ["do a"]


def test_a_step_that_there_is_not_is_404(failed: Execution, sams: Client) -> None:
    assert sams.post(f"{url_of(failed)}steps/nothing/retry/").status_code == 404


@pytest.mark.parametrize("path", ["do/commit/", "control/", "steps/b/commit/", "steps/b/"])
def test_an_unknown_verb_does_nothing(path: str, failed: Execution, sams: Client) -> None:
    assert sams.post(url_of(failed) + path).status_code == 404
    with schema_context("acme"):
        assert states(failed)["b"] == "failed"


def test_roll_back_undoes_in_reverse(failed: Execution, sams: Client) -> None:
    sams.post(f"{url_of(failed)}do/roll_back/", {"reason": "Wrong customer."})
    with schema_context("acme"):
        assert drive(failed).state == "rolled_back"
        assert effects() == ["do a", "undo a"]
    page = text_of(sams, url_of(failed))
    assert "do/roll_back/" not in page


def test_pause_and_resume(acme: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(acme):
        run = started(actor=seller)
    sams.post(f"{url_of(run)}do/pause/")
    assert "do/resume/" in text_of(sams, url_of(run))
    with schema_context("acme"):
        assert drive(run).is_paused
        assert effects() == []
    sams.post(f"{url_of(run)}do/resume/")
    with schema_context("acme"):
        assert drive(run).state == "completed"


def test_cancel_ends_the_run(acme: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(acme):
        run = started(actor=seller)
    refused = sams.post(f"{url_of(run)}do/cancel/", {"reason": " "})
    assert (refused.status_code, fresh(run).state) == (422, "running")
    sams.post(f"{url_of(run)}do/cancel/", {"reason": "Not wanted any more."})
    assert fresh(run).state == "cancelled"


def test_what_is_over_cannot_be_paused(acme: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(acme):
        run = drive(started(actor=seller))
    response = sams.post(f"{url_of(run)}do/pause/")
    assert len(said(response)) == 1
    assert fresh(run).state == "completed"


def test_an_agent_can_be_told_something_before_it_begins_and_a_signal_names_its_sender(
    acme: Tenant, seller: Actor, sams: Client
) -> None:
    with tenant_context(acme):
        graph = definition_of("w: {kind: wait, signal: go, next: x}\nx: {kind: agent, agent: target}")
        run = started(graph, actor=seller)
        step_run(step_id=step_of(run, "w").pk, worker="w")
    sams.post(f"{url_of(run)}steps/x/steer/", {"message": "Leave out retention."})
    with tenant_context(acme):
        signal_send(execution=run, name="go", payload={}, actor=seller)
        step_check(step_id=step_of(run, "w").pk)
    page = text_of(sams, url_of(run))
    assert "Leave out retention." in page
    assert "/steps/x/steer/" in page
    assert seller.identifier not in page


def test_a_verb_pressed_in_the_drawer_of_the_runs_page_loads_it_anew(acme: Tenant, seller: Actor, sams: Client) -> None:
    """Its own address with a step's name behind it would only be a jump: the drawer stays open, and nothing says it was done."""
    with tenant_context(acme):
        run = started(definition_of("w: {kind: wait, signal: go}"), actor=seller)
        step_run(step_id=step_of(run, "w").pk, worker="w")
    send = f"{url_of(run)}steps/w/signal/"

    def answer(standing_at: str) -> tuple[str, str]:
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://acme.localhost{standing_at}"}
        done = sams.post(send, {}, headers=headers)
        assert done.status_code == 204
        return done.get("HX-Refresh", ""), done.get("HX-Redirect", "")

    assert answer(f"{url_of(run)}#step-w") == ("true", "")
    assert answer("/oversight/") == ("", f"{url_of(run)}#step-w")


def test_the_output_and_events_of_an_agents_step_are_shown(acme: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(acme):
        run = drive(started(actor=seller))
        process = process_run(process=process_start(agent="agent:target@1.0.0", inputs={}, actor=seller.identifier))
        process_event(process=process, kind="computed", data={"measure": "npv", "value": "16717313.66"})
        process_finish(process=process, result={})
        step = step_of(run, "a")
        step.output = {"process": str(process.pk), "method": "deterministic", "passed": True}
        step.save(update_fields=["output"])
    page = text_of(sams, url_of(run))
    assert "16,717,31" in page
    assert "deterministic" in page
    assert "stamped" in page


def test_lists_ask_the_same_number_of_questions_for_one_run_and_three(
    acme: Tenant, governed: Tenant, seller: Actor, sams: Client, settings: Any
) -> None:
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 600  # outside of tests it is read once a second, and not with each page

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(sams, url)
        return len(captured)

    with tenant_context(acme):
        first = drive(started(actor=seller, subject=customer_make(seller, name="One").reference))
    count("/runs/")  # what is cached per process is cached now
    one, one_page = count("/runs/"), count(url_of(first))
    with tenant_context(acme):
        for name in ("Two", "Three"):
            drive(started(actor=seller, subject=customer_make(seller, name=name).reference))
    assert count("/runs/") == one
    assert count(url_of(first)) == one_page
    assert one <= 20


class TestStart:
    """Starting the lifecycle from a customer's page."""

    @pytest.fixture
    def agents(self, governed: Tenant) -> None:
        """The catalogue is registered."""
        with schema_context("public"):
            catalog_register(actor=SYSTEM)

    def test_without_evidence_nothing_starts_and_the_page_says_why(self, agents: None, customer: Customer, sams: Client) -> None:
        response = sams.post(f"/customers/{customer.public_id}/start/")
        assert response["location"] == f"/customers/{customer.public_id}/evidence/new/"
        assert said(response) == ["Add call notes, a record or a sheet first: there is nothing to read yet."]
        with schema_context("acme"):
            assert not Execution.objects.exists()

    def test_a_run_begins_where_the_crm_record_says_that_the_contract_does(
        self, agents: None, customer: Customer, seller: Actor, sams: Client
    ) -> None:
        with schema_context("acme"):
            evidence_make(customer, seller)
        response = sams.post(f"/customers/{customer.public_id}/start/", {"pack": "customer_education"})
        with schema_context("acme"):
            run = Execution.objects.get()
        assert response["location"] == url_of(run)
        assert run.inputs == {
            "customer": str(customer.public_id),
            "pack": "customer_education",
            "starts_on": "2027-01-01",
        }
        assert (run.subject, run.started_by) == (customer.reference, seller.identifier)

    def test_pressing_twice_starts_one_run(self, agents: None, customer: Customer, seller: Actor, sams: Client) -> None:
        with schema_context("acme"):
            evidence_make(customer, seller)
        first = sams.post(f"/customers/{customer.public_id}/start/")["location"]
        assert sams.post(f"/customers/{customer.public_id}/start/")["location"] == first
        with schema_context("acme"):
            assert Execution.objects.count() == 1

    def test_a_pack_that_there_is_not_starts_nothing(self, agents: None, customer: Customer, seller: Actor, sams: Client) -> None:
        with schema_context("acme"):
            evidence_make(customer, seller)
        response = sams.post(f"/customers/{customer.public_id}/start/", {"pack": "../../etc/passwd"})
        assert response["location"] == f"/customers/{customer.public_id}/"
        assert len(said(response)) == 1
        with schema_context("acme"):
            assert not Execution.objects.exists()

    @pytest.mark.parametrize("person", MAY_LOOK)
    def test_those_who_may_only_look_start_nothing(
        self, person: str, customer: Customer, as_person: Callable[[str], Client]
    ) -> None:
        assert as_person(person).post(f"/customers/{customer.public_id}/start/").status_code == 403

    def test_a_customer_of_another_tenant_is_not_there(
        self, customer: Customer, client_for: ClientFor, charlie: User, globex: Tenant
    ) -> None:
        assert client_for(charlie, globex).post(f"/customers/{customer.public_id}/start/").status_code == 404
