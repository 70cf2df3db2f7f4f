"""The operators' host has no workspace; its front page leads to the admin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def front_page(_request: HttpRequest) -> HttpResponse:
    """To the operators' admin."""
    return redirect("admin:index")
