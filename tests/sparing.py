"""pytest for as little as it can be had: what costs a millisecond for each of seven thousand tests and does nothing for them.

Loaded with ``-p tests.sparing``. Nothing is lost: what a test asks for by a marker or by a fixture is set up as ever.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import SimpleTestCase

# pytest-django's, around every test, to look for a marker: set up only where there is one.
BY_MARKER = {
    "django_db": "_django_db_marker",
    "urls": "_django_set_urlconf",
    "django_isolate_apps": "_django_isolate_apps",
    "ignore_template_errors": "_template_string_if_invalid_marker",
}
LIVE_SERVER, UNITTEST = "_live_server_helper", "_django_setup_unittest"
# Emptied by ``pytest_runtest_setup`` here, without a fixture; and there is no django.contrib.sites to be emptied.
REPLACED = {"_dj_autoclear_mailbox", "_django_clear_site_cache"}
SPARED = {*BY_MARKER.values(), LIVE_SERVER, UNITTEST, *REPLACED}


def pytest_collection(session: pytest.Session) -> None:
    """No test has these by itself. Should pytest keep them elsewhere one day, all is as slow as it was and as right."""
    for names in getattr(session._fixturemanager, "_node_autousenames", {}).values():
        names[:] = [name for name in names if name not in SPARED]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who asks gets them, before everything else, as pytest would order them."""
    for item in items:
        if isinstance(item, pytest.Function):
            missing = [name for name in _asked_for(item) if name not in item.fixturenames]
            item.fixturenames[:0] = missing


def _asked_for(item: pytest.Function) -> Iterator[str]:
    markers = {marker.name for marker in item.iter_markers()}
    yield from (fixture for marker, fixture in BY_MARKER.items() if marker in markers)
    if "live_server" in item.fixturenames:
        yield LIVE_SERVER
    if item.cls is not None and issubclass(item.cls, SimpleTestCase):
        yield UNITTEST


def pytest_runtest_setup() -> None:
    """Each test finds an empty outbox."""
    if hasattr(mail, "outbox"):
        mail.outbox.clear()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """A worker of xdist tells of a test once, and of setting it up and tearing it down only what went wrong."""
    for told in session.config.hook.pytest_runtest_logreport.get_hookimpls():
        if type(told.plugin).__name__ == "WorkerInteractor":
            told.function = telling_what_matters(told.function)


def telling_what_matters(tell: Callable[[pytest.TestReport], None]) -> Callable[[pytest.TestReport], None]:
    """``tell`` for what has not simply passed outside of the test itself."""

    def sparingly(report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            tell(report)

    return sparingly


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: Any) -> Iterator[None]:
    """A report's keywords are most of it, and nobody looks at those of what passed."""
    data = yield
    if data is not None and getattr(report, "passed", False):
        data["keywords"] = {}
    return data
