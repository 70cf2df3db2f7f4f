"""Requests and tokens a minute, spread evenly: the generic cell rate algorithm (ITU-T I.371), in whole µs.

The limit is spent over ``60 + burst`` seconds, of which ``burst`` may come at once. So in no 60 s does more begin than the limit
and one request, and a queue that is never empty uses ``60 / (60 + burst)`` of it.
"""

from dataclasses import dataclass


@dataclass
class Pace:
    """One limit. ``due`` is when everything that was let through would have come one by one."""

    per_minute: int
    burst_seconds: float = 1.0
    due: int = 0

    def cost(self, amount: int) -> int:
        """How long ``amount`` takes at this pace."""
        return -(-amount * round((60 + self.burst_seconds) * 1_000_000) // self.per_minute)

    def wait(self, amount: int, now: int) -> int:
        """How long until ``amount`` may go; 0 for now. What is more than a burst needs a pause before it, not for ever."""
        cost = self.cost(amount)
        return max(0, self.due + cost - max(round(self.burst_seconds * 1_000_000), cost) - now)

    def take(self, amount: int, now: int) -> None:
        """``amount`` goes now."""
        self.due = max(self.due, now) + self.cost(amount)

    def correct(self, taken: int, used: int) -> None:
        """Of the ``taken`` amount ``used`` were used in truth."""
        self.due += self.cost(used) - self.cost(taken)
