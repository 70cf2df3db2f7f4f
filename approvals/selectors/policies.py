"""Reads of policies."""

from approvals.actions import action_of
from approvals.models import ApprovalPolicy


def is_governed(action: str) -> bool:
    """Whether ``action`` needs consent here: always, or (``only_by_policy``) where there is a policy. Raises UnknownAction."""
    return not action_of(action).only_by_policy or ApprovalPolicy.objects.filter(action=action).exists()
