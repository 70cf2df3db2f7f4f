"""Sessions in the tenant's own schema: Django's, read by a statement that stays planned, for every request reads one."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from kernel.statements import PlannedQuery

_BY_KEY = PlannedQuery(lambda key: Session.objects.filter(session_key=key).values_list("session_data", "expire_date"))


class SessionStore(DatabaseStore):
    """``settings.SESSION_ENGINE`` names this module."""

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        row = _BY_KEY.first(key)
        if row is None or row[1] <= timezone.now():
            self._session_key = None  # as Django does it: whoever writes into this one gets a new key
            return None
        return Session(session_key=key, session_data=row[0], expire_date=row[1])
