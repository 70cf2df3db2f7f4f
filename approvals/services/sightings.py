"""Noting who was shown what."""

from datetime import timedelta

from approvals.clock import database_now
from approvals.models import Sighting
from tenants.actors import Actor

# A page that refreshes itself is one look, not hundreds.
ONE_LOOK = timedelta(minutes=10)


def sighting_record(*, subject: str, content_hash: str, viewer: Actor | str, via: str, viewer_name: str = "") -> Sighting | None:
    """Note that ``viewer`` (an actor, or a name for who has no account) was shown ``subject`` as it is at ``content_hash``.

    ``via`` says where: ``approval``, ``case``, ``shared_link``, ``api``. Looking again within ten minutes writes nothing.
    """
    who, name = (viewer.identifier, viewer.name) if isinstance(viewer, Actor) else (viewer, viewer_name)
    now = database_now()
    seen = {"subject": subject, "content_hash": content_hash, "viewer": who, "via": via}
    if Sighting.objects.filter(**seen, seen_at__gt=now - ONE_LOOK).exists():
        return None
    return Sighting.objects.create(**seen, viewer_name=name or who, seen_at=now)
