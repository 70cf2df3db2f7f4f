"""What can be approved. Apps register their actions in ``AppConfig.ready``; approvals itself knows none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.chains import ONE_APPROVER, Chain


class SubjectGone(LookupError):
    """What a request is about is no longer there. ``current_hash`` raises it, and the request becomes void."""


class UnknownAction(LookupError):
    """An action was used that no app registered; register it with ``register_action`` in the app's ``ready``."""


@dataclass(frozen=True)
class ApprovableAction:
    """An action that needs people's consent.

    ``current_hash(subject)`` recomputes the hash of the subject's content as it is now, from its rows; it must read what it
    hashes, never a stored hash. ``summary(subject)`` gives what an approver is shown (see ``approvals.summaries.Summary``).
    ``default_chain`` is asked where the tenant has set no policy.
    """

    key: str
    title: str
    current_hash: Callable[[str], str]
    summary: Callable[[str], Mapping[str, Any]]
    default_chain: Chain = ONE_APPROVER


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
