"""What operators see and set of the gateway."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from kernel.llm.errors import ProviderFailed
from kernel.llm.health import FAILURES, health_note
from kernel.llm.models import ModelDeployment, ModelPrice, ModelRoute, PromptVersion, Residency
from tenants.models import User

# unfold 0.110 overrides a method of Django's in its older form.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Overriding get_action_choices:django.utils.deprecation.RemovedInDjango2028Warning"
)

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture
def operator(db: None) -> Client:
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        user = User.objects.create_superuser("olga@vos.example", name="Olga")
        client.force_login(user, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


def test_the_list_of_deployments_shows_price_place_and_health(operator: Client, make_deployment: MakeDeployment) -> None:
    make_deployment(name="house", in_house=True, region="eu", prompt=3)
    ill = make_deployment(name="ill", rank=1)
    for _ in range(FAILURES):
        health_note(ill.pk, ProviderFailed("no"), seconds=1)
    page = operator.get("/admin/llm/modeldeployment/").content.decode()
    assert "3 / 10" in page
    assert "left alone for" in page
    assert "not asked of late" in page


@pytest.mark.parametrize("model", ["modeldeployment", "modelprice", "modelroute", "residency"])
def test_rows_can_be_listed_and_added(operator: Client, model: str) -> None:
    assert [operator.get(f"/admin/llm/{model}/{page}").status_code for page in ("", "add/")] == [200, 200]


def test_a_circle_is_refused_in_words(operator: Client, make_deployment: MakeDeployment) -> None:
    for name in "ab":
        make_deployment(name=name, group=name)
    with schema_context("public"):
        ModelRoute.objects.create(group="a", fallback="b")
    form = {"group": "b", "strategy": "rank", "fallback": "a", "cache_seconds": 0}
    page = operator.post("/admin/llm/modelroute/add/", form)
    assert "in a circle: a → b → a" in page.content.decode()
    assert ModelRoute.objects.filter(group="b").count() == 0


def test_a_residency_is_set(operator: Client) -> None:
    form = {"schema_name": "acme", "in_house_from": "confidential", "regions": "eu,us", "answers_cached": "on"}
    assert operator.post("/admin/llm/residency/add/", form).status_code == 302
    with schema_context("public"):
        row = Residency.objects.get()
    assert (row.in_house_from, row.regions, row.answers_cached) == ("confidential", ["eu", "us"], True)


def test_a_price_in_force_is_not_changed_any_more(operator: Client, make_deployment: MakeDeployment) -> None:
    deployment = make_deployment()
    with schema_context("public"):
        old = ModelPrice.objects.get()
        new = ModelPrice.objects.create(deployment=deployment, prompt=5, valid_from=timezone.now() + timedelta(days=1))
    assert operator.post(f"/admin/llm/modelprice/{old.pk}/delete/", {"post": "yes"}).status_code == 403
    assert operator.post(f"/admin/llm/modelprice/{old.pk}/change/", {"prompt": 9}).status_code == 403
    assert operator.post(f"/admin/llm/modelprice/{new.pk}/delete/", {"post": "yes"}).status_code == 302


def test_prompts_are_read_only(operator: Client) -> None:
    with schema_context("public"):
        row = PromptVersion.objects.create(name="greeting", version=1, owner="Sales", text="Hello $who", sha256="0" * 64)
    assert "Hello $who" in operator.get(f"/admin/llm/promptversion/{row.pk}/change/").content.decode()
    assert operator.get("/admin/llm/promptversion/add/").status_code == 403
    assert operator.post(f"/admin/llm/promptversion/{row.pk}/change/", {"text": "Bye"}).status_code == 403
