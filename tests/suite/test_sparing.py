"""Tests get what they ask for, and nothing that costs time besides."""

import pytest
from _pytest import unittest
from django.conf import settings
from django.core import mail
from django.test import SimpleTestCase
from django.urls import get_urlconf, reverse

from tenants.models import Tenant
from tests.sparing import SPARED, telling_what_matters


def test_a_test_that_asks_for_nothing_has_none_of_the_spared_fixtures(request: pytest.FixtureRequest) -> None:
    assert "django_test_environment" in request.fixturenames
    assert SPARED.isdisjoint(request.fixturenames)


@pytest.mark.django_db
def test_a_marked_test_may_ask_the_database(request: pytest.FixtureRequest) -> None:
    assert Tenant.objects.filter(schema_name="acme").exists()


def test_an_unmarked_test_may_not() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Tenant.objects.filter(schema_name="acme").exists()


@pytest.mark.urls("vos.urls.public")
def test_a_marked_test_has_its_own_addresses() -> None:
    assert (settings.ROOT_URLCONF, get_urlconf()) == ("vos.urls.public", None)
    assert reverse("admin:index")


@pytest.mark.parametrize("number", [1, 2])
def test_each_test_finds_an_empty_outbox(number: int) -> None:
    mail.send_mail(f"{number}", "", "from@acme.example", ["to@acme.example"])
    assert [letter.subject for letter in mail.outbox] == [f"{number}"]


class TestOfDjango(SimpleTestCase):
    """Django's own kind of test is set up by pytest-django, which runs it in its own way."""

    def test_it_is_set_up(self) -> None:
        assert unittest.TestCaseFunction.runtest.__name__ == "non_debugging_runtest"


@pytest.mark.parametrize(("outcome", "sent"), [("passed", {}), ("failed", {"slow": 1})])
def test_a_worker_tells_the_keywords_of_what_failed(request: pytest.FixtureRequest, outcome: str, sent: dict[str, int]) -> None:
    report = pytest.TestReport("test_x", ("x.py", 1, "test_x"), {"slow": 1}, outcome, None, "call")
    told = request.config.hook.pytest_report_to_serializable(config=request.config, report=report)
    assert (told["keywords"], told["outcome"]) == (sent, outcome)
    assert request.config.hook.pytest_report_from_serializable(config=request.config, data=told).nodeid == "test_x"


def test_a_worker_tells_of_the_test_and_of_what_went_wrong_around_it() -> None:
    told: list[tuple[str, str]] = []
    tell = telling_what_matters(lambda report: told.append((str(report.when), report.outcome)))
    for when in ("setup", "call", "teardown"):
        for outcome in ("passed", "failed", "skipped"):
            tell(pytest.TestReport("test_x", ("x.py", 1, "test_x"), {}, outcome, None, when))
    assert [one for one in told if one[1] == "passed"] == [("call", "passed")]
    assert len(told) == 7
