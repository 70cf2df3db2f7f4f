"""Links in notices. One names one request and one person in one tenant, ends by itself, and only ever shows."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from kernel.schemas import current_schema

_SALT = "approvals.notices.link"
LINK_SECONDS = 14 * 24 * 3600


class LinkInvalid(ValueError):
    """The link was not made here, or for another tenant."""


class LinkExpired(LinkInvalid):
    """The link was good once, and is too old."""


@dataclass(frozen=True)
class Link:
    """What a link names."""

    request: UUID
    person: str


def link_make(link: Link) -> str:
    """The token of a link for the current tenant; good for ``LINK_SECONDS``."""
    return signing.dumps([current_schema(), link.request.hex, link.person], salt=_SALT)


def link_read(token: str) -> Link:
    """What a token names. Raises LinkExpired, or LinkInvalid for a forged one and for another tenant's."""
    try:
        schema, request, person = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkExpired("This link is too old.") from error
    except signing.BadSignature as error:
        raise LinkInvalid("This link was not made here.") from error
    if schema != current_schema():
        raise LinkInvalid("This link was made for another workspace.")
    return Link(UUID(request), str(person))
