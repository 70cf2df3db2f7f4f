"""The price book: dates, kinds of tokens, estimates before and the truth after."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tenants.utils import schema_context
from hypothesis import given
from hypothesis import strategies as st

from kernel.budgets.models import Reservation, UsageRecord
from kernel.llm.messages import TokenCounts
from kernel.llm.models import ModelDeployment, ModelPrice
from kernel.llm.pricing import Price
from kernel.llm.selectors import price_at
from kernel.llm.services import complete
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]
DEAR = Price(Decimal(2), Decimal(10), Decimal("0.5"), Decimal(20))


def test_cached_and_thinking_tokens_have_prices_of_their_own() -> None:
    counts = TokenCounts(prompt=1000, completion=500, cached=400, reasoning=200)
    assert DEAR.of(counts) == Decimal(600 * 2 + 400 * Decimal("0.5") + 300 * 10 + 200 * 20) / 1_000_000
    assert Price(Decimal(2), Decimal(10)).of(counts) == Decimal("0.007")


def test_a_part_that_is_more_than_its_whole_is_the_whole() -> None:
    assert DEAR.of(TokenCounts(10, 5, cached=99, reasoning=99)) == Decimal(10 * Decimal("0.5") + 5 * 20) / 1_000_000


amounts = st.integers(0, 100_000)
prices = st.decimals(0, 1000, places=3)


@given(amounts, amounts, amounts, amounts, prices, prices, st.none() | prices, st.none() | prices)
def test_what_is_reserved_covers_every_mix_of_kinds(
    prompt: int, completion: int, cached: int, reasoning: int, p: Decimal, c: Decimal, k: Decimal | None, r: Decimal | None
) -> None:
    price = Price(p, c, k, r)
    assert 0 <= price.of(TokenCounts(prompt, completion, cached, reasoning)) <= price.at_most(prompt, completion)


def test_the_newest_price_in_force_counts_and_a_deployments_own_before_its_models(
    make_deployment: MakeDeployment, in_acme: Tenant
) -> None:
    deployment, now = make_deployment(), timezone.now()
    with schema_context("public"):
        ModelPrice.objects.create(model=deployment.model, prompt=99, valid_from=now - timedelta(days=1))
        ModelPrice.objects.create(deployment=deployment, prompt=3, valid_from=now - timedelta(days=2))
        ModelPrice.objects.create(deployment=deployment, prompt=4, valid_from=now + timedelta(days=2))
    assert price_at(deployment, now).prompt == 3
    assert price_at(deployment, now - timedelta(days=3)).prompt == 1
    assert price_at(deployment, now + timedelta(days=3)).prompt == 4
    other = ModelDeployment(pk=-1, model=deployment.model)
    assert price_at(other, now).prompt == 99
    assert price_at(ModelDeployment(pk=-2, model="openai/unheard"), now) == Price()


def test_a_call_is_billed_at_the_price_of_its_beginning_to_the_second(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, in_acme: Tenant
) -> None:
    deployment = make_deployment(prompt=2, completion=10, cached_prompt=Decimal("0.5"), reasoning=20)
    began = timezone.now()

    def dearer(_: object) -> fake.Answer:
        return fake.Answer("Fine.", seconds=0.2, prompt_tokens=1000, completion_tokens=50, cached_tokens=400)

    openai_server.otherwise = dearer
    complete(prompt="How are you?", process="p1")
    record = UsageRecord.objects.get()
    assert record.money == Decimal(600 * 2 + 400 * Decimal("0.5") + 50 * 10) / 1_000_000
    assert record.price == ModelPrice.objects.get(deployment=deployment).pk
    assert (record.group, record.model, record.attempt, record.cached) == ("default", "openai/fake", 1, False)
    assert record.provider == deployment.provider
    assert began <= record.started_at <= record.occurred_at - timedelta(seconds=0.2)
    assert Reservation.objects.get().money == Decimal(12 * 2 + 100 * 20) / 1_000_000


@pytest.mark.parametrize("values", [{}, {"deployment": 1, "model": "x"}], ids=["nothing", "both"])
def test_a_price_is_of_one_thing(make_deployment: MakeDeployment, values: dict[str, object]) -> None:
    if "deployment" in values:
        values = {**values, "deployment": make_deployment()}
    with pytest.raises(ValidationError, match="either a deployment or a model"):
        ModelPrice(**values).full_clean()
