"""What every policy's model offers to the queue around it."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from kernel.scheduler.policies.requests import Waiting

type Barred = Callable[[str], bool]


class Line(ABC):
    """Those who wait, in some order. ``barred`` tells which tenants may not be served now; times are µs."""

    def __init__(self) -> None:
        self.waiting: dict[str, Waiting] = {}

    @abstractmethod
    def add(self, one: Waiting) -> None:
        """``one`` begins to wait."""

    @abstractmethod
    def remove(self, one: Waiting) -> None:
        """``one`` gives up."""

    @abstractmethod
    def first(self, now: int, barred: Barred) -> Waiting | None:
        """Whose turn it is; None if nobody may go."""

    def class_of(self, one: Waiting, now: int) -> int | None:
        """The class that ``one``, running, has by now, for asking who may make it yield; None where classes do not count."""
        return None

    def take(self, one: Waiting) -> None:
        """``one``, the first, is served: it is charged what it is expected to use."""
        self.remove(one)

    def settle(self, one: Waiting, used_tokens: int) -> None:  # noqa: B027 - policies that count no tokens have nothing to do
        """``one``, served earlier, has used ``used_tokens``."""

    def unbar(self, tenant: str) -> None:  # noqa: B027 - as above
        """``tenant`` may be served again."""
