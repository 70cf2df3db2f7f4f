"""Sending a customer the link to their business case by e-mail. It leaves the house, so it is done on a person's behalf, and a
person approves the very words unless a policy of the tenant says otherwise."""

import hashlib
import uuid
from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kernel.tools.registry import tool
from tenants.actors import Actor
from tenants.addresses import tenant_url
from valuefabric.models import BusinessCase, CaseLink
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.services.case_sharing import case_link_to_send
from valuefabric.services.links import case_link_token
from workflows.tools.acting import acting

SEND_LINK = "case.send_link"


def _one_address(value: str) -> str:
    name, address = parseaddr(value)
    if name or address != value or address.count("@") != 1 or any(char.isspace() or char in ",;<>" for char in value):
        raise ValueError("write one e-mail address, such as ada@example.com")
    return value


class SendLink(BaseModel):
    """What is sent to whom. ``idempotency_key`` names the message: a mail server, or a reader, sees one that came twice."""

    model_config = ConfigDict(extra="forbid")

    customer: uuid.UUID
    case: uuid.UUID
    to: Annotated[str, Field(max_length=200), AfterValidator(_one_address)]
    words: str | None = Field(default=None, max_length=4000)
    days: int = Field(default=30, ge=1, le=365)
    idempotency_key: str = Field(default="", max_length=200)


@tool(SEND_LINK, schema=SendLink, side_effect=True, action="case.share", resource=lambda a: f"customer:{a.customer}")
def send_link(arguments: SendLink) -> dict[str, str]:
    """Sends somebody outside an e-mail with a link by which they read one version of a business case, and may recalculate it."""
    actor = acting()
    case = BusinessCase.objects.get(
        public_id=arguments.case, customer__public_id=arguments.customer, customer__in=customers_visible_to(actor)
    )
    until = timezone.now() + timedelta(days=arguments.days)
    # A second attempt makes no other link, and where a policy covers sharing, no attempt makes one past it.
    link = case_link_to_send(case=case, actor=actor, recipient=arguments.to, expires_at=until)
    _message(case, link, arguments, actor).send()
    return {"link": str(link.public_id), "to": arguments.to, "expires_at": link.expires_at.isoformat()}


def _message(case: BusinessCase, link: CaseLink, arguments: SendLink, actor: Actor) -> EmailMessage:
    address = tenant_url(reverse("web:shared_case", args=[case_link_token(link)]))
    until = f"The link is good until {link.expires_at:%d %B %Y}."
    body = "\n\n".join(part for part in ((arguments.words or "").strip(), address, until, actor.name) if part)
    return EmailMessage(
        subject=" ".join(case.title.split()), body=body, to=[arguments.to], headers={"Message-ID": _message_id(arguments, link)}
    )


def _message_id(arguments: SendLink, link: CaseLink) -> str:
    """The same for each attempt at one step."""
    text = f"{arguments.idempotency_key or link.public_id}|{arguments.to}"
    return f"<{hashlib.sha256(text.encode()).hexdigest()[:40]}@vos>"
