"""Whether a text looks like a crontab: five fields, each within its bounds. Pure, so that a definition can be read anywhere.

Which moments it names is Celery's to say (``workflows.triggers.cron``), and asked when a definition is published.
"""

import re

# (what it is called, least, most); a weekday may be 0 or 7 for Sunday.
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?|[a-z]{3,9}(?:-[a-z]{3,9})?)(?:/(\d{1,2}))?")
_NAMED = ("month", "weekday")


class NoCrontab(ValueError):
    """The text is no crontab; the message names the field that is wrong."""


def crontab_checked(text: str) -> str:
    """The text as it is. Raises NoCrontab."""
    words = text.lower().split()
    if len(words) != len(_FIELDS):
        raise NoCrontab(f"{text!r} has {len(words)} fields; five are needed: minute hour day month weekday.")
    for word, (name, least, most) in zip(words, _FIELDS, strict=True):
        if not all(_fits(part, name, least, most) for part in word.split(",")):
            raise NoCrontab(f"{text!r} is no crontab: {word!r} is no {name}. Write such as 0 6 * * 1 for Mondays at six.")
    return text


def _fits(part: str, name: str, least: int, most: int) -> bool:
    found = _PART.fullmatch(part)
    if found is None or (part[0].isalpha() and name not in _NAMED):
        return False
    numbers = [int(number) for number in found.groups()[:2] if number]
    return all(least <= number <= most for number in numbers) and found[3] != "0"
