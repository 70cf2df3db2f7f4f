"""The functions that decide admission, in Lua, atomically, on Valkey's own clock. They stand in ``lua/``, one file per subject.

They are loaded as one library (``FUNCTION LOAD``), whose name tells its content, so that workers of two versions do not mix; a
server that does not know it, because it is new or was restarted, is given it by the first who calls.

Keys of one queue: ``seen`` sorted set of waiting tickets by the time until which their waiter is believed to be alive; ``leases``
sorted set of tickets by the time their lease ends; ``request:<ticket>`` what each asked for; ``held`` and ``queued`` counts by
tenant; ``turns`` sorted set of the tenants that may be served, by whose turn it is; ``parked`` those that hold their share
already; ``config`` the policy in force; ``weights`` those that are not 1; ``wake:<ticket>`` a list that a waiter blocks on;
``streams``, ``told`` and ``room`` who can yield, who shall and for whom (``room.lua``); ``waits`` the last waits in µs; and what
the policy itself keeps. For all queues: ``epoch``, the time from which this Valkey may be believed; ``told:<address>`` a list on
which a process hears who of it shall yield; ``class:<work>`` and ``work:<work>``, what is inherited and by whom (``work.lua``).

After a flush, leases that are still held are unknown. ``epoch`` is then missing, and whoever comes first writes it: until it
is reached holders renew (which enters their lease again) and nobody new is admitted. One of those who wait takes it on itself to
enter what is on record elsewhere (``claim``, ``rebuild``; ``rebuilding.py``), which ends that time at once. Meanwhile ``unsure``
are the queues that wait for it, and ``left`` the tickets that are over. So the limit holds across a flush.

Times are whole µs. Deciding costs O(log n) in those who wait, whatever the policy.
"""

import hashlib
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from kernel.scheduler.admission.channels import function_call
from kernel.scheduler.policies.policy import CLASS_WEIGHTS

_FOLDER = Path(__file__).parent / "lua"
_SHARED = ("queue", "ordered", "round_robin", "fair", "paces", "work", "room", "granting")
_FUNCTIONS = ("enter", "renew", "leave", "look", "configure", "observe", "promote", "nudge", "survey", "claim", "rebuild")


def _library() -> tuple[str, str]:
    """Name and text of the library. Functions of different libraries must not share names, so theirs carry the library's."""
    weights = ", ".join(f"[{priority.value}] = {weight}" for priority, weight in CLASS_WEIGHTS.items())
    parts = [(_FOLDER / f"{part}.lua").read_text(encoding="utf-8") for part in _SHARED + _FUNCTIONS]
    body = "".join([f"local CLASS_WEIGHTS = {{ {weights} }}\n", *parts])
    name = f"vos_admission_{hashlib.sha256(body.encode()).hexdigest()[:12]}"
    register = f"local function register(of, run) redis.register_function('{name}_' .. of, run) end\n"
    return name, f"#!lua name={name}\n{register}{body}"


LIBRARY, _TEXT = _library()


def call(client: Redis, function: str, queue: str, arguments: str) -> Any:
    """Run one of the library's functions on the queue with the prefix ``queue``."""
    name = f"{LIBRARY}_{function}"
    try:
        return function_call(client, name, queue, arguments)
    except ResponseError as error:
        if "Function not found" not in str(error):
            raise
        client.function_load(_TEXT, replace=True)
        return function_call(client, name, queue, arguments)
