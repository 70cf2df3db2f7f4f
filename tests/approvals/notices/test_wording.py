"""What a notice says, and what it never says."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from approvals.notices.kinds import Kind
from approvals.notices.wording import Told, words_of

TOLD = Told("Acme", "Commit a business case", "Sam Seller", datetime(2026, 12, 4, 17, 0, tzinfo=UTC), outcome="approved")


def test_words_say_who_asks_for_what_until_when() -> None:
    words = words_of(Kind.ASKED, TOLD)
    assert words.title == "Acme: your decision is asked"
    assert words.body == "Sam Seller asks: Commit a business case. Decide by Dec. 4, 2026, 5 p.m. UTC."


@pytest.mark.parametrize(("language", "by"), [("de", "4. Dezember 2026 18:00 CET"), ("en-gb", "4 Dec 2026, 6 p.m. CET")])
def test_words_write_the_day_as_the_readers_language_does(language: str, by: str) -> None:
    told = replace(TOLD, decide_by=TOLD.decide_by.astimezone(ZoneInfo("Europe/Berlin")))
    with translation.override(language):
        assert words_of(Kind.ASKED, told).body.endswith(f"{by}.")


def test_words_for_a_delegate_name_who_is_away() -> None:
    told = Told(**{**TOLD.__dict__, "instead_of": "Carol Finance"})
    assert words_of(Kind.ASKED, told).body.startswith("For Carol Finance, who is away. Sam Seller asks")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_words_without_a_brace(kind: Kind) -> None:
    words = words_of(kind, TOLD)
    assert not {"{", "}"} & set(words.title + words.body + words.link)
    assert words.title.startswith("Acme: ")
