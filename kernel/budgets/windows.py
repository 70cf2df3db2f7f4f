"""The windows over which a budget counts, without a database. All are in UTC, so that they begin at once everywhere."""

from datetime import UTC, datetime
from enum import StrEnum


class Window(StrEnum):
    """How long a budget counts before it begins anew."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def window_start(window: Window, at: datetime) -> datetime:
    """When the window that holds ``at`` began; a total's began before everything."""
    at = at.astimezone(UTC)
    match window:
        case Window.HOUR:
            return at.replace(minute=0, second=0, microsecond=0)
        case Window.DAY:
            return at.replace(hour=0, minute=0, second=0, microsecond=0)
        case Window.MONTH:
            return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        case Window.TOTAL:
            return _BEGINNING
