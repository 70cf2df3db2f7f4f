import pytest
from django.conf import settings
from django.test import Client

from tenants.models import User
from valuefabric.domain.manifesto import RULE_SET
from valuefabric.governance.models import Pack, RuleSet
from valuefabric.governance.services import PACKS, packs_load, rule_set_load

# unfold 0.110 overrides a method of Django's admin by its signature before 6.1.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Overriding get_action_choices:django.utils.deprecation.RemovedInDjango2028Warning"
)

EDUCATION = (PACKS / "customer_education.yaml").read_text(encoding="utf-8")


@pytest.fixture
def operator(db: None) -> Client:
    """An operator's client on the public host."""
    packs_load(actor="system")
    rule_set_load(actor="system")
    client = Client(headers={"host": settings.VOS_PUBLIC_HOST})
    account = User.objects.create_superuser("olga@example.org", name="Olga")
    client.force_login(account, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


@pytest.mark.parametrize("address", ["pack/", "pack/add/", "ruleset/", "ruleset/add/"])
def test_pages_answer(operator: Client, address: str) -> None:
    assert operator.get(f"/admin/governance/{address}").status_code == 200


def test_rows_are_shown_and_not_edited(operator: Client) -> None:
    for row in (Pack.objects.all()[0], RuleSet.objects.get()):
        address = f"/admin/governance/{row._meta.model_name}/{row.pk}/change/"
        assert operator.get(address).status_code == 200
        assert operator.post(address, {"version": "9", "text": "x"}).status_code == 403


def test_pack_is_added_as_a_new_version(operator: Client) -> None:
    newer = EDUCATION.replace("version: 1.1.0", "version: 1.2.0", 1)

    answer = operator.post("/admin/governance/pack/add/", {"text": newer})

    assert answer.status_code == 302
    assert Pack.objects.filter(key="customer_education").count() == 2


@pytest.mark.parametrize("text", ["not: a pack", EDUCATION, ""])
def test_bad_or_known_pack_is_refused_beside_its_field(operator: Client, text: str) -> None:
    before = Pack.objects.count()

    answer = operator.post("/admin/governance/pack/add/", {"text": text})

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["text"]
    assert Pack.objects.count() == before


def test_rule_set_is_added_and_activated(operator: Client) -> None:
    asked = {"version": "1.0.0-own", "severities": '{"plain_words": "major"}', "parameters": "{}"}
    added = operator.post("/admin/governance/ruleset/add/", asked)
    own = RuleSet.objects.get(version="1.0.0-own")
    operator.post("/admin/governance/ruleset/", {"action": "activate", "_selected_action": [own.pk]})

    assert added.status_code == 302
    assert [row.version for row in RuleSet.objects.filter(active=True)] == ["1.0.0-own"]
    assert own.created_by.startswith("operator:")


@pytest.mark.parametrize("severities", ['{"nothing": "minor"}', '{"plain_words": "huge"}', "[1]", "{"])
def test_bad_rule_set_is_refused(operator: Client, severities: str) -> None:
    answer = operator.post("/admin/governance/ruleset/add/", {"version": "2", "severities": severities, "parameters": "{}"})

    assert answer.status_code == 200
    assert [row.version for row in RuleSet.objects.all()] == [RULE_SET.version]


def test_packs_are_disabled_by_action(operator: Client) -> None:
    pack = Pack.objects.filter(key="customer_education").get()

    operator.post("/admin/governance/pack/", {"action": "disable", "_selected_action": [pack.pk]})

    assert Pack.objects.get(pk=pack.pk).enabled is False
