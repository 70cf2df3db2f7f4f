"""Insights over more than one customer that is measured."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.realizations import commitment_make, measured_make, report_make
from tests.factories.valuefabric import customer_make
from tests.vos.web.views.insights_page import text_of, words_of
from valuefabric.models import Customer, RealizationReport


@pytest.fixture(scope="module")
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    return actor_for(bob), actor_for(carol)


@pytest.fixture(scope="module")
def reports(kept_customer: Customer, seller: Actor, voters: tuple[Actor, Actor], governed: Tenant) -> list[RealizationReport]:
    with tenant_context(governed):
        first = report_make(commitment_make(kept_customer, seller, voters), seller)
        return [first, measured_make(seller, voters, "Second company")]


def test_sums_are_over_customers_and_learned_rows_are_means(
    reports: list[RealizationReport], seller: Actor, voters: tuple[Actor, Actor], sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        commitment_make(customer_make(seller, name="Unmeasured company"), seller, voters)

    words = words_of(text_of(sams))

    assert "Due to date $10,611,390" in words
    assert "Realized to date $4,580,073" in words
    assert "measured at 2 of 3" in words
    assert "Of what was due, 43 % has come" in words
    assert "Share of customers offered education 2 76.7 % 57.9 % 75 %" in words


def test_a_sum_opens_into_each_customers_part(
    reports: list[RealizationReport], customer: Customer, kept_customer: Customer, sams: Client
) -> None:
    urls = set(re.findall(r'href="(/insights/source/[^"]+)" hx-get', text_of(sams)))

    for url in sorted(urls):
        answer = sams.get(url, headers={"hx-request": "true"})
        assert answer.status_code == 200, url
        words = words_of(answer.content.decode())
        assert "Composite organization" in words
        assert "Second company" in words
    part = f"/customers/{customer.public_id}/realization/{reports[0].public_id}/source/retention.actual_to_date/"
    assert part in text_of(sams, "/insights/source/driver:retention:USD/")
    assert len(urls) == 9
