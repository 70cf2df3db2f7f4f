from datetime import UTC, datetime, timedelta, timezone

import pytest

from kernel.budgets.windows import Window, window_start

AT = datetime(2026, 11, 21, 9, 41, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "start"),
    [
        (Window.HOUR, datetime(2026, 11, 21, 9, tzinfo=UTC)),
        (Window.DAY, datetime(2026, 11, 21, tzinfo=UTC)),
        (Window.MONTH, datetime(2026, 11, 1, tzinfo=UTC)),
        (Window.TOTAL, datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_window_start_is_its_first_moment(window: Window, start: datetime) -> None:
    assert window_start(window, AT) == start


def test_window_start_is_in_utc_wherever_the_clock_stands() -> None:
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert window_start(Window.DAY, tokyo) == datetime(2026, 11, 21, tzinfo=UTC)
