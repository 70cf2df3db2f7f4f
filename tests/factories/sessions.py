"""What logging in leaves behind."""

from datetime import timedelta
from secrets import token_hex

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from tenants.models import User

BACKEND = "tenants.interfaces.accounts.PeopleBackend"


def session_make(user: User) -> str:
    """The key of a session of this person, in the schema that is entered.

    Django's ``force_login`` makes three and logs them: more work than most pages. Logging in itself has tests of its own.
    """
    what = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()}
    row = Session(
        session_key=token_hex(16),
        session_data=Session.objects.encode(what),
        expire_date=timezone.now() + timedelta(days=1),
    )
    row.save(force_insert=True)
    return row.session_key
