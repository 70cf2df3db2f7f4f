"""Policies: whom a tenant asks about an action."""

from django.db import transaction

from approvals.actions import action_of
from approvals.chains import Chain, Stage
from approvals.clock import database_now
from approvals.hours import Calendar
from approvals.models import ApprovalPolicy
from approvals.terms import VALID_FOR_HOURS, Escalation, Terms
from kernel.actors import user_actor
from kernel.audit.services import audit_record
from kernel.schemas import current_schema
from tenants.models import Membership
from tenants.roles import Role


def policy_set(*, action: str, chain: Chain, actor: str, valid_for_hours: int = VALID_FOR_HOURS) -> ApprovalPolicy:
    """Ask ``chain`` about ``action`` from now on, in the loop; ``policy_put`` says more. Raises UnknownAction."""
    return policy_put(action=action, terms=Terms(chain=chain, valid_for_hours=valid_for_hours), actor=actor)


def policy_put(*, action: str, terms: Terms, actor: str) -> ApprovalPolicy:
    """Decide ``action`` on ``terms`` from now on; open requests keep those they were opened with.

    Setting what is set already changes nothing. Raises UnknownAction.
    """
    action_of(action)
    values = terms.model_dump(mode="json")
    with transaction.atomic():
        policy = ApprovalPolicy.objects.select_for_update().filter(action=action).first()
        if policy and policy.terms == terms:
            return policy
        policy = policy or ApprovalPolicy(action=action, version=0)
        for name, value in values.items():
            setattr(policy, name, value)
        policy.version += 1
        policy.updated_by, policy.updated_at = actor, database_now()
        policy.save()
        detail = {**values, "version": policy.version}
        audit_record(actor=actor, action="approval.policy_set", subject=f"approval_policy:{action}", detail=detail)
    return policy


def policy_default_for(*, action: str, actor: str) -> ApprovalPolicy:
    """Set the usual policy of a commitment: customer success's vice president first, then finance, two different people.

    They are found among the tenant's approvers by their title; where nobody has such a title, any approver may decide. In the
    loop; reminded after one and three working days (of eight hours, Monday to Friday), and after five an owner is asked as well.
    """
    stages = (
        _stage("Vice President of Customer Success", "customer success"),
        _stage("Finance", "finance"),
    )
    owners = Stage(title="Owner", role=Role.OWNER)
    terms = Terms(
        chain=Chain(stages=stages, four_eyes=True),
        reminders=(8, 24),
        escalation=Escalation(after_hours=40, to=owners),
        calendar=Calendar(),
    )
    return policy_put(action=action, terms=terms, actor=actor)


def _stage(title: str, words: str) -> Stage:
    approvers = Membership.objects.filter(
        tenant__schema_name=current_schema(), role=Role.APPROVER, user__is_active=True, user__title__icontains=words
    )
    people = tuple(user_actor(user_id) for user_id in approvers.order_by("user_id").values_list("user_id", flat=True))
    return Stage(title=title, users=people) if people else Stage(title=title, role=Role.APPROVER)
