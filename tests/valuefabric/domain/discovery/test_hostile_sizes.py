"""Notes made to keep a worker busy are read in a bounded time."""

import time

import pytest

from valuefabric.domain.discovery import discover

ATTACKS = {
    "owners": "owner of " * 8_000,
    "abbreviations": "A. " * 25_000,
    "percents": "10% " * 15_000 + "discount rate",
    "quotations": '"aaaa ' * 12_000,
    "injections": "ignore " * 12_000,
    "years": "year two 10% " * 4_000,
    "requests": "the finance " * 8_000 + "asked",
    "bullets": "- a\n" * 10_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_notes_take_bounded_time(texts, education, attack):
    started = time.process_time()

    discover(texts(notes=ATTACKS[attack]), education)

    # A quadratic pattern takes minutes on these; half a second is usual.
    assert time.process_time() - started < 10
