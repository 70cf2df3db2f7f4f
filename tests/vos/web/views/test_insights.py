from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.realizations import commitment_make, measured_make, report_make
from tests.factories.tenants import PEOPLE
from tests.vos.web.views.insights_page import text_of, words_of
from valuefabric.models import Customer, RealizationReport
from valuefabric.services.commitments import commitment_reverse

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture(scope="module")
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    return actor_for(bob), actor_for(carol)


@pytest.fixture(scope="module")
def report(kept_customer: Customer, seller: Actor, voters: tuple[Actor, Actor], governed: Tenant) -> RealizationReport:
    with tenant_context(governed):
        return report_make(commitment_make(kept_customer, seller, voters), seller)


def test_every_role_reads_promised_against_proven(report: RealizationReport, client_for: ClientFor, governed: Tenant) -> None:
    for person in ("alice", "sam", "mia", "bob", "vera"):
        words = words_of(text_of(client_for(User.objects.get(email=PEOPLE[person].email), governed)))
        assert "Promised $16,717,314" in words, person

    assert "Due to date $5,305,695" in words
    assert "Realized to date $2,290,036" in words
    assert "Attainment 43.2 %" in words
    assert "Synthetic telemetry is among these measurements" in words
    assert "Renewals to look at" in words
    assert "Composite organization" in words


def test_unknown_sum_is_not_there(report: RealizationReport, sams: Client) -> None:
    for cell in ("nothing", "promised:EUR", "driver:nobody:USD", "driver:retention:EUR", "assumption:x:percent"):
        assert sams.get(f"/insights/source/{cell}/").status_code == 404, cell


def test_reversed_commitment_counts_no_more(report: RealizationReport, seller: Actor, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        commitment_reverse(commitment=report.commitment, reason="rolled back", actor=seller)

    assert "With the first commitment measured" in text_of(sams)


def test_restricted_customer_is_in_nobody_elses_sums(
    report: RealizationReport, customer: Customer, client_for: ClientFor, bob: User, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        Customer.objects.filter(pk=customer.pk).update(restricted=True)
    bobs = client_for(bob, governed)

    assert "With the first commitment measured" in text_of(bobs)
    assert bobs.get("/insights/source/promised:USD/").status_code == 404
    assert "$5,305,695" in words_of(text_of(sams))


def test_other_tenant_sees_nothing_of_it(report: RealizationReport, client_for: ClientFor, charlie: User, globex: Tenant) -> None:
    client = client_for(charlie, globex)

    assert "Composite organization" not in text_of(client)
    assert client.get("/insights/source/promised:USD/").status_code == 404


def test_anonymous_visitor_is_sent_to_log_in(client_for: ClientFor, governed: Tenant) -> None:
    assert client_for(None, governed).get("/insights/").status_code == 302


def test_page_costs_the_same_for_one_customer_and_for_three(
    report: RealizationReport, seller: Actor, voters: tuple[Actor, Actor], sams: Client, governed: Tenant
) -> None:
    text_of(sams)
    with CaptureQueriesContext(connection) as one:
        text_of(sams)
    for name in ("Second company", "Third company"):
        with tenant_context(governed):
            measured_make(seller, voters, name)

    with CaptureQueriesContext(connection) as three:
        text_of(sams)

    assert len(three) == len(one)
