"""E-mail: plain text, and the same as simple HTML. Which server carries it is the settings' business (console, SMTP, anymail)."""

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from approvals.notices.channels import Undeliverable
from approvals.notices.wording import Words


def mail_send(*, to: str, words: Words, url: str, choice_url: str, workspace: str, message_id: str, is_link: bool) -> None:
    """Send one message. ``message_id`` is the same for every try, so that a mail server shows one. Raises Undeliverable.

    ``choice_url`` is where its reader chooses how they are told, if there is such a place.
    ``is_link``: ``url`` is a signed link to a request, and not a page.
    """
    context = {"words": words, "url": url, "choice_url": choice_url, "workspace": workspace, "is_link": is_link}
    message = EmailMultiAlternatives(
        subject=words.title,
        body=render_to_string("approvals/mail/notice.txt", context),
        to=[to],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("approvals/mail/notice.html", context), "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        raise Undeliverable("The mail server refuses the address.", retry=False) from error
    except (OSError, SMTPException) as error:
        raise Undeliverable(f"The mail could not be handed over ({type(error).__name__}).") from error
