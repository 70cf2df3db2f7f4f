"""The insights page as its tests read it."""

import re

from django.test import Client


def text_of(client: Client, url: str = "/insights/") -> str:
    """The page's markup."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def words_of(markup: str) -> str:
    """What a reader sees of it, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).replace("\u00a0", " ").replace("$ ", "$")
