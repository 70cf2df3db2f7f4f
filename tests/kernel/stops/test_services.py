"""Setting and releasing, and each guard under the attack it stands against."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.events.relay import relay_once
from kernel.processes.services import RUN
from kernel.scheduler.models import DueWork
from kernel.stops.holding import HELD_FOR
from kernel.stops.models import Stop
from kernel.stops.selectors import stop_get, stops_in_force
from kernel.stops.services import ReleaseRefused, stop_release, stop_release_withdraw, stop_set
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.services import member_add

type MakeOperator = Callable[[str], User]


def _user(user: User) -> str:
    return f"user:{user.pk}"


def _events() -> list[tuple[str, str, str]]:
    rows = OutboxEvent.objects.filter(topic__startswith="oversight.").order_by("id")
    return [(row.topic, row.data["by_name"], row.data["scope"]) for row in rows]


def test_a_stop_is_set_audited_and_told(acme_stopped: Stop, alice: User) -> None:
    assert stops_in_force() == [acme_stopped]
    assert (acme_stopped.schema_name, acme_stopped.set_by_name, acme_stopped.by_operator) == ("acme", "Alice Owner", False)
    assert _events() == [("oversight.stopped", "Alice Owner", "tenant acme")]
    record = AuditRecord.objects.get(action="oversight.stopped")
    assert (record.actor, record.subject) == (_user(alice), acme_stopped.reference)


def test_two_people_release_and_the_setter_may_be_one(acme_stopped: Stop, alice: User, dora: User) -> None:
    asked = stop_release(stop=acme_stopped, reason="Prices mended.", actor=_user(alice))
    assert asked.released_at is None
    assert stops_in_force() == [acme_stopped]

    released = stop_release(stop=acme_stopped, reason="Checked.", actor=_user(dora))

    assert released.released_at is not None
    assert stops_in_force() == []
    assert [topic for topic, *_ in _events()] == ["oversight.stopped", "oversight.release_asked", "oversight.released"]
    assert AuditRecord.objects.filter(subject=acme_stopped.reference).count() == 3


def test_stopping_twice_is_one_stop_and_both_are_on_record(acme_stopped: Stop, bob: User) -> None:
    again = stop_set(kind="tenant", reason="I saw it too.", actor=_user(bob))
    assert again == acme_stopped
    assert AuditRecord.objects.filter(action="oversight.stopped_already", actor=_user(bob)).count() == 1
    assert len(_events()) == 1


def test_stop_released_by_one_person_is_refused(acme_stopped: Stop, alice: User) -> None:
    stop_release(stop=acme_stopped, reason="Mended.", actor=_user(alice))
    with pytest.raises(ReleaseRefused, match="Another person"):
        stop_release(stop=acme_stopped, reason="Really.", actor=_user(alice))
    assert stops_in_force() == [acme_stopped]


def test_stop_released_by_the_same_person_under_two_memberships_is_refused(acme: Tenant, acme_stopped: Stop, alice: User) -> None:
    with schema_context("public"):
        User.objects.filter(pk=alice.pk).update(is_staff=True)
    stop_release(stop=acme_stopped, reason="As the owner.", actor=_user(alice))
    with schema_context("public"), pytest.raises(ReleaseRefused, match="Another person"):
        stop_release(stop=acme_stopped, reason="As an operator.", actor=f"operator:{alice.pk}")
    assert stops_in_force() == [acme_stopped]


def test_stop_released_by_somebody_of_another_tenant_is_refused(
    acme: Tenant, globex: Tenant, acme_stopped: Stop, charlie: User
) -> None:
    with tenant_context(globex):
        assert stops_in_force() == []
        with pytest.raises(Stop.DoesNotExist):
            stop_get(acme_stopped.public_id)
        with pytest.raises(PermissionDenied):
            stop_release(stop=acme_stopped, reason="Not mine.", actor=_user(charlie))
    with tenant_context(acme), pytest.raises(PermissionDenied):
        stop_release(stop=acme_stopped, reason="From their own host.", actor=_user(charlie))
    assert not acme_stopped.releases.exists()


@pytest.mark.parametrize("actor", ["system", "agent:target@1.0.0", "user:", "user:x", "anonymous"])
def test_stop_released_by_no_person_is_refused(acme_stopped: Stop, actor: str) -> None:
    with pytest.raises(PermissionDenied, match="Only people"):
        stop_release(stop=acme_stopped, reason="Let me on.", actor=actor)


@pytest.mark.parametrize(
    ("role", "sets", "releases"), [("approver", True, False), ("seller", False, False), ("viewer", False, False)]
)
def test_roles_decide_who_stops_and_who_releases(acme_stopped: Stop, dora: User, role: str, sets: bool, releases: bool) -> None:
    with schema_context("public"):
        Membership.objects.filter(user=dora).update(role=role)
    for may, deed in (
        (sets, lambda: stop_set(kind="agent", key="target", reason="Odd.", actor=_user(dora))),
        (releases, lambda: stop_release(stop=acme_stopped, reason="Fine.", actor=_user(dora))),
    ):
        if may:
            deed()
        else:
            with pytest.raises(PermissionDenied):
                deed()


def test_role_removed_between_asking_and_releasing_is_refused(acme: Tenant, acme_stopped: Stop, alice: User, dora: User) -> None:
    stop_release(stop=acme_stopped, reason="Mended.", actor=_user(alice))
    with schema_context("public"):
        member_add(tenant=acme, user=dora, role=Role.VIEWER, actor="system")
    with pytest.raises(PermissionDenied):
        stop_release(stop=acme_stopped, reason="Checked.", actor=_user(dora))
    assert stops_in_force() == [acme_stopped]


def test_a_tenant_that_stops_another_or_all_is_refused(in_acme: Tenant, alice: User) -> None:
    for scope in (
        {"kind": "tenant", "schema_name": "globex"},
        {"kind": "platform"},
        {"kind": "agent", "key": "target", "schema_name": ""},
    ):
        with pytest.raises(PermissionDenied):
            stop_set(reason="Mischief.", actor=_user(alice), **scope)
    assert not Stop.objects.exists()


def test_an_operators_stop_released_by_two_of_the_tenant_is_refused(
    acme: Tenant, alice: User, dora: User, make_operator: MakeOperator
) -> None:
    olga = make_operator("olga")
    with schema_context("public"):
        stop = stop_set(kind="tenant", schema_name="acme", reason="Abuse.", actor=f"operator:{olga.pk}")
    with tenant_context(acme):
        assert stops_in_force() == [stop]
        assert AuditRecord.objects.filter(action="oversight.stopped").count() == 1
        stop_release(stop=stop, reason="We behave.", actor=_user(alice))
        with pytest.raises(ReleaseRefused, match="must be an operator"):
            stop_release(stop=stop, reason="We do.", actor=_user(dora))
    with schema_context("public"):
        assert stop_release(stop=stop, reason="Seen.", actor=f"operator:{olga.pk}").released_at is not None


def test_a_platform_stop_is_seen_by_tenants_and_released_by_operators(
    acme: Tenant, alice: User, make_operator: MakeOperator
) -> None:
    olga, omar = make_operator("olga"), make_operator("omar")
    stop = stop_set(kind="platform", reason="A model runs wild.", actor=f"operator:{olga.pk}")
    with tenant_context(acme):
        assert [one.scope for one in stops_in_force()] == ["the platform"]
        with pytest.raises(PermissionDenied):
            stop_release(stop=stop, reason="Please.", actor=_user(alice))
    stop_release(stop=stop, reason="Mended.", actor=f"operator:{olga.pk}")
    assert stop_release(stop=stop, reason="Checked.", actor=f"operator:{omar.pk}").released_at is not None


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_stop_without_a_reason_is_refused(in_acme: Tenant, alice: User, reason: str) -> None:
    with pytest.raises(ValueError, match="Say why"):
        stop_set(kind="tenant", reason=reason, actor=_user(alice))


def test_what_a_stop_of_all_tells_is_delivered_and_lets_work_go_on(acme: Tenant, make_operator: MakeOperator) -> None:
    stop = stop_set(kind="platform", reason="A model runs wild.", actor=f"operator:{make_operator('olga').pk}")
    stop_release(stop=stop, reason="Mended.", actor=f"operator:{make_operator('omar').pk}")
    stop_release(stop=stop, reason="Checked.", actor=stop.set_by)
    held = DueWork.objects.create(schema_name="acme", kind=RUN, reference="7", due_at=timezone.now() + HELD_FOR)
    while relay_once(None):
        pass
    assert not OutboxEvent.objects.filter(delivered_at=None).exists()
    assert DueWork.objects.get(pk=held.pk).due_at <= timezone.now()


def test_asking_for_a_release_ends_after_the_hours_of_the_setting(acme_stopped: Stop, alice: User, settings: Any) -> None:
    settings.VOS_RELEASE_ASKED_HOURS = 3
    stop_release(stop=acme_stopped, reason="Mended.", actor=_user(alice))
    (word,) = acme_stopped.releases.all()
    assert abs(word.expires_at - word.at - timedelta(hours=3)) < timedelta(seconds=1)


def test_taking_the_asking_back_keeps_it_stopped_and_it_may_be_asked_anew(acme_stopped: Stop, alice: User, dora: User) -> None:
    stop_release(stop=acme_stopped, reason="Mended.", actor=_user(alice))
    stop_release_withdraw(stop=acme_stopped, actor=_user(alice))
    assert stop_release(stop=acme_stopped, reason="Looks fine.", actor=_user(dora)).released_at is None
    assert [topic for topic, *_ in _events()][1:] == [
        "oversight.release_asked",
        "oversight.release_withdrawn",
        "oversight.release_asked",
    ]
    assert stop_release(stop=acme_stopped, reason="Now it is.", actor=_user(alice)).released_at is not None


def test_attack_release_on_a_word_that_is_over_is_refused(acme_stopped: Stop, alice: User, dora: User) -> None:
    over = timezone.now() - timedelta(seconds=1)
    acme_stopped.releases.create(
        schema_name="acme", person=alice.pk, actor=_user(alice), name="Alice", reason="Mended.", expires_at=over
    )
    assert stop_release(stop=acme_stopped, reason="Me too.", actor=_user(dora)).released_at is None
    assert stops_in_force() == [acme_stopped]
    # Past the service the trigger counts the same way.
    with pytest.raises(DatabaseError, match="two different people; 1 said so"), transaction.atomic():
        Stop.objects.filter(pk=acme_stopped.pk).update(released_at=timezone.now())


def test_attack_taking_back_somebody_elses_word_is_refused(acme_stopped: Stop, alice: User, dora: User) -> None:
    stop_release(stop=acme_stopped, reason="Mended.", actor=_user(alice))
    with pytest.raises(ReleaseRefused, match="nothing to take back"):
        stop_release_withdraw(stop=acme_stopped, actor=_user(dora))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        acme_stopped.releases.update(reason="Changed.", withdrawn_at=timezone.now())
    assert acme_stopped.releases.get().withdrawn_at is None
