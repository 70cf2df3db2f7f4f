"""What a notice says, and what it never says."""

from datetime import UTC, datetime

import pytest

from approvals.notices.kinds import Kind
from approvals.notices.wording import Told, words_of

TOLD = Told("Acme", "Commit a business case", "Sam Seller", datetime(2026, 12, 4, 17, 0, tzinfo=UTC), outcome="approved")


def test_words_say_who_asks_for_what_until_when() -> None:
    words = words_of(Kind.ASKED, TOLD)
    assert words.title == "Acme: your decision is asked"
    assert words.body == "Sam Seller asks: Commit a business case. Decide by 4 Dec, 17:00 UTC."


def test_words_for_a_delegate_name_who_is_away() -> None:
    told = Told(**{**TOLD.__dict__, "instead_of": "Carol Finance"})
    assert words_of(Kind.ASKED, told).body.startswith("For Carol Finance, who is away. Sam Seller asks")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_words_without_a_brace(kind: Kind) -> None:
    words = words_of(kind, TOLD)
    assert not {"{", "}"} & set(words.title + words.body + words.link)
    assert words.title.startswith("Acme: ")
