"""One style sheet a page: what the entry imports, at its place and in its layer."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tenants.models import Tenant, User
from vos.web import bundles

type ClientFor = Callable[[User | None, Tenant], Client]


def test_a_page_of_the_desk_brings_one_sheet_for_good(sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', client.get("/packs/").content.decode())
    assert len(sheets) == 1
    response = client.get(sheets[0])
    text = response.content.decode()
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "@import" not in text
    assert 'url("/static/fonts/inter-latin-opsz-normal.woff2")' in text
    # Layers keep their order: what is imported into one stands in a block of its name.
    assert text.startswith("@layer reset, tokens, base, components, pages;")
    assert text.index("@layer tokens {") < text.index("@layer components {") < text.index("@layer pages {")


def test_an_edited_sheet_is_seen_in_development_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    entry, part = tmp_path / "entry.css", tmp_path / "part.css"
    entry.write_text('@import url("part.css") layer(base);')
    part.write_text("p { color: red }")
    monkeypatch.setattr(bundles, "ENTRIES", {"tried": "entry.css"})
    monkeypatch.setattr(bundles, "_file", lambda path: tmp_path / path)
    bundles._made.cache_clear()

    settings.VOS_SHEETS_CHANGE = True
    before = bundles.bundle("tried")
    assert before[0] == "@layer base {\np { color: red }\n}"
    part.write_text("p { color: green }")
    os.utime(part, (2e9, 2e9))
    now = bundles.bundle("tried")
    assert "green" in now[0]
    assert now[1] != before[1]

    settings.VOS_SHEETS_CHANGE = False
    assert bundles.bundle("tried") == now
    part.write_text("p { color: blue }")
    os.utime(part, (3e9, 3e9))
    assert bundles.bundle("tried") == now
    bundles._made.cache_clear()
