"""Where web push may be sent to."""

import pytest

from approvals.notices.endpoints import endpoint_allowed


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ],
)
def test_known_push_services_are_allowed(url: str) -> None:
    assert endpoint_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com.evil.example/abc",
        "https://evilfcm.googleapis.com/abc",
        "https://user:secret@fcm.googleapis.com/abc",
        "https://169.254.169.254/latest/meta-data/",
        "http://localhost:6379/",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://fcm.googleapis.com:port/abc",
        "",
        "https://fcm.googleapis.com/" + "a" * 2000,
    ],
)
def test_an_address_of_our_own_network_is_no_push_service(url: str) -> None:
    assert not endpoint_allowed(url)


def test_own_hosts_are_allowed_as_they_are_named() -> None:
    assert endpoint_allowed("http://127.0.0.1:9000/push/1", own_hosts={"127.0.0.1:9000"})
    assert not endpoint_allowed("http://127.0.0.1:9001/push/1", own_hosts={"127.0.0.1:9000"})
