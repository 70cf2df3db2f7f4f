"""Devices and wishes."""

import pytest

from approvals.notices.models import PushDevice
from approvals.notices.services import MOST_DEVICES, DeviceRefused, choice_set, device_add, device_remove, device_replace
from tenants.models import Tenant

GOOD = {"p256dh": "B" + "A" * 86, "auth": "A" * 22}
ENDPOINT = "https://fcm.googleapis.com/fcm/send/"


def test_browser_belongs_to_who_subscribed_last(in_acme: Tenant) -> None:
    device_add(person="user:1", endpoint=ENDPOINT, **GOOD)
    device_add(person="user:2", endpoint=ENDPOINT, **GOOD)
    assert list(PushDevice.objects.values_list("person", flat=True)) == ["user:2"]


def test_oldest_device_goes_when_there_are_too_many(in_acme: Tenant) -> None:
    for number in range(MOST_DEVICES + 2):
        device_add(person="user:1", endpoint=f"{ENDPOINT}{number}", **GOOD)
    kept = set(PushDevice.objects.values_list("endpoint", flat=True))
    assert kept == {f"{ENDPOINT}{number}" for number in range(2, MOST_DEVICES + 2)}


def test_device_of_somebody_else_is_not_removed(in_acme: Tenant) -> None:
    device = device_add(person="user:1", endpoint=ENDPOINT, **GOOD)
    assert device_remove(person="user:2", public_id=str(device.public_id)) == 0
    assert device_remove(person="user:2", endpoint=ENDPOINT) == 0
    assert PushDevice.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"endpoint": "http://169.254.169.254/"}, {"p256dh": "AAAA"}, {"auth": "!"}, {"auth": ""}], ids=str
)
def test_subscription_that_cannot_be_sent_to_is_refused(in_acme: Tenant, wrong: dict[str, str]) -> None:
    with pytest.raises(DeviceRefused):
        device_add(person="user:1", **({"endpoint": ENDPOINT, **GOOD} | wrong))
    assert PushDevice.objects.count() == 0


def test_browser_with_a_new_address_stays_the_persons(in_acme: Tenant) -> None:
    device_add(person="user:1", endpoint=ENDPOINT, label="Firefox on Android", **GOOD)
    device_replace(person="user:1", former=ENDPOINT, endpoint=f"{ENDPOINT}new", **GOOD)
    assert list(PushDevice.objects.values_list("person", "endpoint", "label")) == [
        ("user:1", f"{ENDPOINT}new", "Firefox on Android")
    ]


def test_attack_address_of_somebody_elses_browser_is_not_changed(in_acme: Tenant) -> None:
    device_add(person="user:1", endpoint=ENDPOINT, **GOOD)
    assert device_replace(person="user:2", former=ENDPOINT, endpoint=f"{ENDPOINT}new", **GOOD) is None
    assert list(PushDevice.objects.values_list("person", "endpoint")) == [("user:1", ENDPOINT)]


@pytest.mark.parametrize(("given", "kept"), [("de", "de"), ("", ""), ("xx", "")])
def test_language_of_dates_is_one_of_those_offered(in_acme: Tenant, given: str, kept: str) -> None:
    assert choice_set(person="user:1", email=True, push=True, language=given).language == kept
