"""Who acts, as plain identifiers, so that the kernel needs to know neither people nor tenants.

An actor is a string: ``user:12``, ``agent:target@1.0.0``, ``operator:3`` or ``system``.
"""

SYSTEM = "system"


def user_actor(user_id: int) -> str:
    """Identifier of a person acting inside a tenant."""
    return f"user:{user_id}"


def operator_actor(user_id: int) -> str:
    """Identifier of a platform operator acting on the public side."""
    return f"operator:{user_id}"


def agent_actor(name: str, version: str) -> str:
    """Identifier of an agent at one version of its manifest."""
    return f"agent:{name}@{version}"
