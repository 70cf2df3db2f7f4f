"""A guess at what was meant, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ ", did you mean 'margin'?" or nothing when no known name is close; letter case is ignored."""
    by_lower = {key.lower(): key for key in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f", did you mean '{by_lower[close[0]]}'?" if close else ""
