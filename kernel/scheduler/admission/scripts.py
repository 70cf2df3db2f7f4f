"""The Lua that decides admission, atomically, on Valkey's own clock. The scripts stand in ``lua/``, one file per subject.

Keys of one queue: ``seen`` sorted set of waiting tickets by the time until which their waiter is believed to be alive; ``leases``
sorted set of tickets by the time their lease ends; ``requests`` what each ticket asked for; ``held`` and ``queued`` counts by
tenant; ``turns`` sorted set of the tenants that may be served, by whose turn it is; ``parked`` those that hold their share
already; ``config`` the policy in force; ``weights`` those that
are not 1; ``wake:<ticket>`` a list that a waiter blocks on; and what the policy
itself keeps. One key for all queues: ``epoch``, the time from which this Valkey may be believed.

After a flush, leases that are still held are unknown. ``epoch`` is then missing, and whoever comes first writes it: until it
is reached holders renew (which enters their lease again) and nobody new is admitted. So the limit holds across a flush.

Times are whole µs. Deciding costs O(log n) in those who wait, whatever the policy.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent / "lua"
_SHARED = "".join(
    (_FOLDER / f"{part}.lua").read_text(encoding="utf-8")
    for part in ("queue", "ordered", "round_robin", "fair", "paces", "granting")
)


def _script(name: str) -> str:
    return _SHARED + (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")


ENTER, RENEW, LEAVE = _script("enter"), _script("renew"), _script("leave")
LOOK, CONFIGURE, OBSERVE = _script("look"), _script("configure"), _script("observe")
