"""Reading revocations."""

from collections.abc import Iterable

from kernel.capabilities.models import Revocation


def any_revoked(identifiers: Iterable[str]) -> bool:
    """Whether one of a token's blocks was revoked in the current tenant."""
    return Revocation.objects.filter(identifier__in=list(identifiers)).exists()
