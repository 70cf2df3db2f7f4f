"""The demo's accounts have a public password: they exist only where somebody asked for them."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_celery_beat.models import PeriodicTask
from django_tenants.utils import tenant_context

from approvals.chains import ONE_APPROVER
from approvals.models import ApprovalPolicy
from approvals.services import policy_put
from approvals.terms import Terms
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.services import member_add
from valuefabric.governance.models import Pack
from vos.demo.people import OPERATOR, PASSWORD
from vos.demo.setup import DemoRefused, demo_set_up
from vos.operations.schedule import STANDING
from workflows.models import Execution


def test_the_demo_is_refused_where_nobody_asked_for_it(db: None, settings: Any) -> None:
    settings.VOS_DEMO = False
    before = (User.objects.count(), Tenant.objects.count())
    with pytest.raises(DemoRefused, match="Set VOS_DEMO=1"):
        demo_set_up()
    assert (User.objects.count(), Tenant.objects.count()) == before
    assert not User.objects.filter(email=OPERATOR).exists()


def test_the_command_says_so_and_does_nothing(in_acme: Tenant, settings: Any) -> None:
    settings.VOS_DEMO = False
    with pytest.raises(CommandError, match="VOS_DEMO=1"):
        call_command("demo", "run", "--json", "--here")
    assert not Execution.objects.exists()


@pytest.mark.django_db
def test_a_demo_account_cannot_log_in_where_the_demo_is_off(acme: Tenant, settings: Any) -> None:
    settings.VOS_DEMO = True
    demo_set_up()
    User.objects.filter(email="sam@acme.example").update(is_demo=True)
    user = User.objects.get(email="sam@acme.example")
    user.set_password(PASSWORD)
    user.save()

    def comes_in() -> bool:
        client = Client(headers={"host": "acme.localhost"})
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        return client.get("/runs/").status_code == 200

    assert comes_in()
    settings.VOS_DEMO = False
    assert not comes_in()


def test_another_start_undoes_neither_a_policy_nor_a_role_that_people_have_changed(acme: Tenant, settings: Any) -> None:
    settings.VOS_DEMO = True
    demo_set_up()
    alice, carol = (User.objects.get(email=f"{name}@acme.example") for name in ("alice", "carol"))
    member_add(tenant=acme, user=carol, role=Role.ADMIN, actor="system")
    with tenant_context(acme):
        policy_put(action="case.commit", terms=Terms(chain=ONE_APPROVER), actor=f"user:{alice.pk}")

    demo_set_up()

    assert Membership.objects.get(user=carol).role == Role.ADMIN
    with tenant_context(acme):
        assert ApprovalPolicy.objects.get(action="case.commit").terms == Terms(chain=ONE_APPROVER)


def test_the_ground_is_laid_without_a_demo_and_without_a_demo_account(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.VOS_DEMO = False
    for _again in range(2):
        call_command("demo", "ground", "--json")
        assert json.loads(capsys.readouterr().out)["ok"] is True
    assert Pack.objects.exists()
    assert set(STANDING) <= set(PeriodicTask.objects.values_list("name", flat=True))
    assert not User.objects.filter(is_demo=True).exists()
