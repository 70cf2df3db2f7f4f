"""Answers to scripts: what a partial answer says beside its markup."""

import json

from django.http import HttpResponse


def toast(response: HttpResponse, text: str, *, undo_url: str = "", tone: str = "") -> HttpResponse:
    """The response with a short message that the page shows, and where to send an undo."""
    told = {"text": text, "undo_url": undo_url, "tone": tone}
    response["HX-Trigger"] = json.dumps({"toast": {key: value for key, value in told.items() if value}})
    return response
