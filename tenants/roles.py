"""What each role may do in its tenant. Default is deny: a permission that a role does not list, it does not have."""

from enum import StrEnum


class Role(StrEnum):
    """A person's role in one tenant."""

    OWNER = "owner"
    ADMIN = "admin"
    SELLER = "seller"
    SUCCESS_MANAGER = "success_manager"
    APPROVER = "approver"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What can be permitted inside a tenant."""

    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_EDIT = "customer.edit"
    EVIDENCE_ADD = "evidence.add"
    MODEL_EDIT = "model.edit"
    MODEL_COMMENT = "model.comment"
    CASE_VIEW = "case.view"
    CASE_SHARE = "case.share"
    RUN_VIEW = "run.view"
    RUN_START = "run.start"
    RUN_CONTROL = "run.control"
    APPROVAL_VIEW = "approval.view"
    APPROVAL_VOTE = "approval.vote"
    TELEMETRY_ADD = "telemetry.add"
    MEMBERS_MANAGE = "members.manage"
    SETTINGS_MANAGE = "settings.manage"
    AUDIT_VIEW = "audit.view"
    STOP_SET = "stop.set"
    STOP_RELEASE = "stop.release"


_READ = frozenset({Permission.CUSTOMER_VIEW, Permission.CASE_VIEW, Permission.RUN_VIEW})
_WORK = _READ | {
    Permission.CUSTOMER_EDIT,
    Permission.EVIDENCE_ADD,
    Permission.MODEL_EDIT,
    Permission.MODEL_COMMENT,
    Permission.CASE_SHARE,
    Permission.RUN_START,
    Permission.RUN_CONTROL,
    Permission.APPROVAL_VIEW,
    Permission.TELEMETRY_ADD,
}
_EVERYTHING = frozenset(Permission)

# A role that sells does not vote: who asks for a commitment is not who grants it.
_ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.SELLER: _WORK,
    Role.SUCCESS_MANAGER: _WORK,
    Role.APPROVER: _READ | {Permission.MODEL_COMMENT, Permission.APPROVAL_VIEW, Permission.APPROVAL_VOTE, Permission.STOP_SET},
    Role.VIEWER: _READ,
}


def role_allows(role: Role | None, permission: Permission) -> bool:
    """Whether ``role`` has ``permission``; no role has none."""
    return role is not None and permission in _ALLOWED[role]


def roles_allowing(permission: Permission) -> list[Role]:
    """The roles that have ``permission``, in order of declaration."""
    return [role for role, permissions in _ALLOWED.items() if permission in permissions]


def permissions_of(role: Role) -> list[Permission]:
    """The permissions of a role, in order of declaration."""
    return [permission for permission in Permission if permission in _ALLOWED[role]]
