"""The questions of the risk page: they stand in the address, and what cannot be asked gets a plain answer."""

import re

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import model_make
from valuefabric.models import Customer, ModelVersion


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


def words_of(client: Client, version: ModelVersion, query: str = "") -> str:
    answer = client.get(f"/customers/{version.model.customer.public_id}/model/risk/?trials=1000{query}")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", "", answer.content.decode()).split())


def test_a_goal_is_sought_and_its_answer_told_in_a_sentence(version: ModelVersion, sams: Client) -> None:
    page = words_of(sams, version, "&of=A4&measure=npv&target=20m")

    assert "Lift in retention among users of 31.26 %, instead of 22.2 %, gives a net present value of $20,028,460." in page
    assert "outside the range" in page


def test_a_goal_that_no_figure_reaches_is_said_plainly(version: ModelVersion, sams: Client) -> None:
    page = words_of(sams, version, "&of=A4&measure=npv&target=1bn")

    assert "No figure of Lift in retention among users from 0.0 % to 100.0 % gives a net present value of $1,000,000,000." in page
    assert "The nearest is" in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("&of=A4&measure=npv&target=soon", "soon"),
        ("&of=A4&measure=npv&target=", "Write what it should come to."),
        ("&of=nothing&measure=npv&target=1", "The model has no such input any more"),
        ("&first=A4&second=A4", "Choose another input than the first"),
        ("&first=A4&second=%3Cscript%3E", "The model has no such input any more"),
    ],
)
def test_what_cannot_be_asked_gets_a_message_and_keeps_what_was_typed(
    version: ModelVersion, sams: Client, query: str, told: str
) -> None:
    assert told in words_of(sams, version, query)


def test_two_inputs_are_crossed(version: ModelVersion, sams: Client) -> None:
    page = words_of(sams, version, "&first=A4&second=A2&tell=npv")

    assert "30.0 %38.33 %46.67 %55.0 %63.33 %71.67 %80.0 % 10.0 %$3,194,197$4,423,682" in page


def test_each_driver_says_how_much_of_it_must_come_true(version: ModelVersion, sams: Client) -> None:
    assert "the case holds without this driver" in words_of(sams, version)


def test_the_uncertainty_is_divided_when_asked(version: ModelVersion, sams: Client) -> None:
    assert "Give or take" not in words_of(sams, version)
    assert "Give or take" in words_of(sams, version, "&shares=1")


def test_one_question_does_not_forget_another(version: ModelVersion, sams: Client) -> None:
    url = f"/customers/{version.model.customer.public_id}/model/risk/?trials=1000&seed=7&of=A4&measure=npv&target=20m"
    page = sams.get(url).content.decode()

    two_way = page[page.index('id="two-way"') : page.index('id="spider"')]
    assert '<input type="hidden" name="target" value="20m">' in two_way
    assert '<input type="hidden" name="seed" value="7">' in two_way
