"""What looks like a crontab, and what does not."""

import re

import pytest

from workflows.definition.crontab import NoCrontab, crontab_checked
from workflows.triggers.cron import crontab_parsed

GOOD = ["0 6 * * 1", "*/5 * * * *", "0 6 * jan-mar mon-fri", "1,2,30-40/2 0-5 1 1 0"]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_taken_here_is_taken_by_celery(text: str) -> None:
    assert crontab_checked(text) == text
    crontab_parsed(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 6 * *", "has 4 fields"),
        ("99 * * * *", "'99' is no minute"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 6 0 * *", "'0' is no day"),
        ("mon * * * *", "'mon' is no minute"),
        ("*/0 * * * *", "'*/0' is no minute"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(text: str, said: str) -> None:
    with pytest.raises(NoCrontab, match=re.escape(said)):
        crontab_checked(text)
