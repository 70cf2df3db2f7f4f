"""Which addresses web push may be sent to: a browser names its push service, and a liar could name our own network. Pure."""

from collections.abc import Collection
from urllib.parse import urlsplit

# The push services of Chromium's, Mozilla's, Apple's and Microsoft's browsers.
PUSH_SERVICES = frozenset(
    {"fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com", "web.push.apple.com"}
)
LONGEST = 2000


def endpoint_allowed(url: str, *, own_hosts: Collection[str] = ()) -> bool:
    """Whether ``url`` is of a known push service by https, or of one of ``own_hosts`` (``host`` or ``host:port``, http too)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(url) > LONGEST or parts.username or parts.password or not host:
        return False
    if parts.scheme in {"http", "https"} and (host in own_hosts or f"{host}:{port}" in own_hosts):
        return True
    return (
        parts.scheme == "https"
        and port in {None, 443}
        and any(host == known or host.endswith(f".{known}") for known in PUSH_SERVICES)
    )
