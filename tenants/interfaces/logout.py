"""Signing out."""

from typing import Any

from allauth.account.views import LogoutView as AllauthLogoutView
from django.http import HttpResponse


class LogoutView(AllauthLogoutView):
    """Signing out also empties what the browser keeps for reading offline, and ends its notices."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"storage"'
        return response
