"""Start-time fair queueing among the children of one node.

P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queuing", 1996. A child that begins to wait gets the start tag
max(virtual time, its last finish tag); the lowest start tag is served, and virtual time is the highest start tag served.
"""


class FairNode:
    """The tags of one node's children, as whole numbers. ``ended`` keeps finish tags of idle children while they still matter."""

    def __init__(self) -> None:
        self.now = 0
        self.starts: dict[str, int] = {}
        self.ended: dict[str, int] = {}

    def begin(self, child: str) -> None:
        """``child`` begins to wait."""
        self.starts[child] = max(self.now, self.ended.pop(child, 0))

    def end(self, child: str) -> None:
        """``child`` waits no more and was not served for it."""
        self._keep(child, self.starts.pop(child))

    def serve(self, child: str, cost: int, *, waits_on: bool) -> None:
        """``child`` is served; when nobody waits then, nothing that was used so far is held against anybody."""
        start = self.starts.pop(child)
        self.now = max(self.now, start)
        if waits_on:
            self.starts[child] = start + cost
        elif self.starts:
            self._keep(child, start + cost)
        else:
            self.now = max(self.now, start + cost)
        self.ended = {name: tag for name, tag in self.ended.items() if tag > self.now}

    def correct(self, child: str, difference: int) -> None:
        """What ``child`` was charged was too little by ``difference``, or too much if that is negative."""
        if child in self.starts:
            self.starts[child] += difference
        elif child in self.ended or difference > 0:
            self._keep(child, self.ended.pop(child, self.now) + difference)

    def catch_up(self, child: str) -> None:
        """``child`` could not be served for a while through its own doing: it has nothing to make up for."""
        self.starts[child] = max(self.now, self.starts[child])

    def _keep(self, child: str, tag: int) -> None:
        if tag > self.now:
            self.ended[child] = tag
