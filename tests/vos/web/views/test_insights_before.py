"""Insights before anything is measured."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.realizations import commitment_make
from tests.vos.web.views.insights_page import text_of, words_of
from valuefabric.models import Customer


@pytest.fixture(scope="module")
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    return actor_for(bob), actor_for(carol)


def test_nothing_committed_is_said_and_no_figure_is_shown(customer: Customer, sams: Client) -> None:
    page = text_of(sams)

    assert "With the first commitment measured" in page
    assert "figure-row" not in page


def test_promised_and_not_measured_is_said(
    customer: Customer, seller: Actor, voters: tuple[Actor, Actor], sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        commitment_make(customer, seller, voters)

    words = words_of(text_of(sams))

    assert "Promised, and not measured yet" in words
    assert "Attainment – " in words
