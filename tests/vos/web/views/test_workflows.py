"""The pages of workflows: the library, a definition, a pattern, starting by a form, dead letters."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, step_of
from valuefabric.models import Customer
from workflows.models import Execution
from workflows.patterns import patterns
from workflows.services import step_check
from workflows.steps.protocol import StepTerminal

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    """No fault of one test hits the next."""
    FAULTS.clear()
    yield
    FAULTS.clear()


@pytest.fixture
def bobs(client_for: ClientFor, bob: User, acme: Tenant) -> Client:
    """An approver's browser: he looks, and steers nothing."""
    return client_for(bob, acme)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_library_shows_definitions_and_the_eight_patterns(sams: Client) -> None:
    page = sams.get("/workflows/").content.decode()
    assert "From notes to realized value" in page
    assert all(pattern.title in page for pattern in patterns().values())
    assert len(patterns()) == 8


@pytest.mark.parametrize("path", ["/workflows/nothing/", "/workflows/nothing/start/", "/workflows/patterns/nothing/"])
def test_what_there_is_not_is_404(path: str, sams: Client) -> None:
    assert sams.get(path).status_code == 404


def test_a_definition_shows_its_graph_inputs_and_text(sams: Client) -> None:
    page = sams.get("/workflows/driver_estimates/").content.decode()
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert "Consensus and voting" in page  # it lies inside of another pattern
    assert "number ≥ 0 ≤ 1" in page
    assert "format: vos.workflow/1" in page


def test_a_pattern_says_where_it_is_used(bobs: Client) -> None:
    page = bobs.get("/workflows/patterns/consensus/").content.decode()
    assert "/workflows/driver_estimates/" in page
    assert "Each gives `estimate`." in page


def test_a_run_is_started_by_a_form_made_of_the_types(sams: Client, customer: Customer) -> None:
    url = "/workflows/driver_estimates/start/"
    refused = sams.post(url, {"subject": str(customer.public_id), "value-tolerance": "7"})
    assert refused.status_code == 422
    assert "less than or equal to 1" in refused.content.decode()

    sams.post(url, {"subject": str(customer.public_id), "value-tolerance": "0.5"})
    with schema_context("acme"):
        run = Execution.objects.get(parent_step=None)
    assert (run.name, run.subject) == ("driver_estimates", customer.reference)
    assert run.inputs["tolerance"] == 0.5
    assert run.inputs["customer"] == str(customer.public_id)


def test_who_may_only_look_starts_nothing(bobs: Client, customer: Customer) -> None:
    assert bobs.get("/workflows/lifecycle/start/").status_code == 403
    assert "Start a run" not in bobs.get("/workflows/lifecycle/").content.decode()


class TestDeadLetters:
    """What failed for good."""

    @pytest.fixture
    def failed(self, acme: Tenant, seller: Actor) -> list[Execution]:
        """Two runs of which the second step failed."""
        with tenant_context(acme):
            FAULTS["commit", "b"] = [StepTerminal("The price list is missing."), StepTerminal("No price list at all.")]
            return [drive(started(actor=seller)) for _number in range(2)]

    def test_they_are_found_by_words_of_the_error(self, failed: list[Execution], bobs: Client) -> None:
        everything = bobs.get("/runs/dead-letters/").content.decode()
        assert "The price list is missing." in everything
        assert "Try the chosen again" not in everything
        found = bobs.get("/runs/dead-letters/?q=at+all").content.decode()
        assert "No price list at all." in found
        assert "The price list is missing." not in found

    def test_the_chosen_is_tried_again_and_only_once(self, failed: list[Execution], sams: Client) -> None:
        with schema_context("acme"):
            step = step_of(failed[0], "b")
        chosen = {"letter": [f"{step.pk}-{step.attempt}", "junk", "1-2-3"]}
        assert said(sams.post("/runs/dead-letters/replay/", chosen)) == ["1 step is tried again."]
        with schema_context("acme"):
            assert drive(failed[0]).state == "completed"
        assert "were not" in said(sams.post("/runs/dead-letters/replay/", chosen))[-1]
        with schema_context("acme"):
            assert effects() == ["do a", "do a", "do b", "do c"]

    def test_all_that_were_found_are_tried_again(self, failed: list[Execution], sams: Client, bobs: Client) -> None:
        assert bobs.post("/runs/dead-letters/replay/", {"all": "1"}).status_code == 403
        assert said(sams.post("/runs/dead-letters/replay/", {"all": "1", "q": "price"})) == ["2 steps are tried again."]
        with schema_context("acme"):
            assert {drive(run).state for run in failed} == {"completed"}

    def test_the_list_asks_the_same_for_one_and_for_three(self, acme: Tenant, seller: Actor, sams: Client) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                sams.get("/runs/dead-letters/")
            return len(captured)

        numbers = []
        for more in (1, 2):
            with tenant_context(acme):
                FAULTS["commit", "b"] = [StepTerminal("no")] * more
                for _number in range(more):
                    drive(started(actor=seller))
            count()
            numbers.append(count())
        assert numbers[0] == numbers[1]


class TestBranches:
    """Overriding, and forks side by side."""

    BRANCHING = """
a: {kind: compute, function: test.value, inputs: {price: "${inputs.price}"}, next: b}
b: {kind: compute, function: test.effect, inputs: {price: "${steps.a.output.price}"}}
"""

    @pytest.fixture
    def run(self, acme: Tenant, seller: Actor) -> Execution:
        """A run that is done, with an input."""
        with tenant_context(acme):
            return drive(started(definition_of(self.BRANCHING, inputs="{price: {type: integer}}"), actor=seller, price=10))

    def test_a_fork_with_another_input_stands_beside_its_run(self, run: Execution, sams: Client) -> None:
        form = sams.get(f"/runs/{run.public_id}/steps/a/fork/").content.decode()
        assert 'value="10"' in form
        response = sams.post(f"/runs/{run.public_id}/steps/a/fork/", {"step": "a", "value-price": "12", "reason": "dearer"})
        with schema_context("acme"):
            fork = drive(run.forks.get())
        assert response["location"] == f"/runs/{fork.public_id}/"
        page = sams.get(f"/runs/{run.public_id}/beside/{fork.public_id}/").content.decode()
        assert re.search(r"<strong>12\s*</strong>", page)
        assert sams.get(f"/runs/{fork.public_id}/beside/{run.public_id}/").status_code == 404

    def test_an_output_is_overridden_with_a_reason(self, acme: Tenant, seller: Actor, sams: Client) -> None:
        with tenant_context(acme):
            FAULTS["commit", "b"] = [StepTerminal("no")]
            failed = drive(started(actor=seller))
        url = f"/runs/{failed.public_id}/steps/b/override/"
        assert sams.post(url, {"value-output": '{"said": "by hand"}'}).status_code == 422
        assert sams.post(url, {"value-output": "{said", "reason": "x"}).status_code == 422
        sams.post(url, {"value-output": '{"said": "by hand"}', "reason": "The list came by mail."})
        with schema_context("acme"):
            assert drive(failed).state == "completed"
            assert step_of(failed, "b").output == {"said": "by hand"}
        assert "The list came by mail." in sams.get(f"/runs/{failed.public_id}/").content.decode()

    def test_a_signal_lets_a_waiting_step_go_on(self, acme: Tenant, seller: Actor, sams: Client) -> None:
        waiting = "w: {kind: wait, signal: go_on, next: b}\nb: {kind: compute, function: test.effect}"
        with tenant_context(acme):
            run = drive(started(definition_of(waiting), actor=seller))
        url = f"/runs/{run.public_id}/steps/w/signal/"
        assert url in sams.get(f"/runs/{run.public_id}/").content.decode()
        assert sams.post(url, {"payload": "[1]"}).status_code == 422
        sams.post(url, {"payload": '{"note": "as agreed"}'})
        with schema_context("acme"):
            step_check(step_id=step_of(run, "w").pk)
            assert drive(run).state == "completed"
        assert "as agreed" in sams.get(f"/runs/{run.public_id}/").content.decode()

    def test_a_part_that_failed_is_what_needs_a_person(self, acme: Tenant, seller: Actor, sams: Client) -> None:
        inside = "a: {kind: workflow, title: The whole, body: {steps: {b: {kind: compute, function: test.effect}}}}"
        with tenant_context(acme):
            FAULTS["commit", "b"] = [StepTerminal("no")]
            run = drive(started(definition_of(inside), actor=seller))
            child = drive(Execution.objects.get(parent_step__execution=run))
            assert child.state == "failed"
        asking = sams.get("/runs/?state=people").content.decode()
        assert f"/runs/{child.public_id}/" in asking
        assert f"/runs/{child.public_id}/" not in sams.get("/runs/").content.decode()
        assert f"/runs/{child.public_id}/" in sams.get(f"/runs/{run.public_id}/").content.decode()
