"""What can be approved. Apps register their actions in ``AppConfig.ready``; approvals itself knows none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from approvals.chains import ONE_APPROVER, Chain
from approvals.risk import Risk
from approvals.summaries import Evidence

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest


class SubjectGone(LookupError):
    """What a request is about is no longer there. ``current_hash`` raises it, and the request becomes void."""


class UnknownAction(LookupError):
    """An action was used that no app registered; register it with ``register_action`` in the app's ``ready``."""


@dataclass(frozen=True)
class ApprovableAction:
    """An action that needs people's consent.

    ``current_hash(subject)`` recomputes the hash of the subject's content as it is now, from its rows; it must read what it
    hashes, never a stored hash. ``summary(subject, arguments)`` gives what an approver is shown (see
    ``approvals.summaries.Summary``). ``default_chain`` is asked where the tenant has set no policy.

    ``apply(request)`` does the deed, in the transaction of a worker that uses the approval up; ``revert(request)`` undoes it
    after an objection. What they do outside the database they do with ``request.public_id`` as its idempotency key. Without
    ``apply`` somebody else does the deed and calls ``approval_use``; without ``revert`` it is never left to a rule.
    ``risk(subject, arguments)`` says what is at stake; without it, the worst is supposed of all but what ``revert`` undoes.
    ``evidence(subject, content_hash)`` names what that version of the subject stands on, with hashes, for its decision record.
    ``only_by_policy``: whoever has the right does it at once, until the tenant writes a policy for it; whoever offers the deed
    asks ``approvals.selectors.policies.is_governed``.
    """

    key: str
    title: str
    current_hash: Callable[[str], str]
    summary: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    default_chain: Chain = ONE_APPROVER
    apply: "Callable[[ApprovalRequest], None] | None" = None
    revert: "Callable[[ApprovalRequest], None] | None" = None
    risk: Callable[[str, Mapping[str, Any]], Risk] | None = None
    evidence: Callable[[str, str], Sequence[Evidence]] | None = None
    only_by_policy: bool = False

    def risk_of(self, subject: str, arguments: Mapping[str, Any]) -> Risk:
        """What is at stake, as far as anybody says."""
        return self.risk(subject, arguments) if self.risk else Risk(irreversible=self.revert is None)


_actions: dict[str, ApprovableAction] = {}


def register_action(action: ApprovableAction) -> None:
    """Declare ``action``. Another one under the same key is an error; the same one again is accepted."""
    if _actions.setdefault(action.key, action) is not action:
        raise ValueError(f"An approvable action {action.key!r} is registered already.")


def action_of(key: str) -> ApprovableAction:
    """The action registered under ``key``. Raises UnknownAction."""
    if key not in _actions:
        raise UnknownAction(f"Action {key!r} is not registered. Registered are: {', '.join(sorted(_actions)) or 'none'}.")
    return _actions[key]


def registered_actions() -> list[ApprovableAction]:
    """All registered actions by key."""
    return [_actions[key] for key in sorted(_actions)]
