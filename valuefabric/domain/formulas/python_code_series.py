"""Functions of whole rows in a running program: computed when first asked for, and once for the same arguments.

A guard (``if(largest > 0, irr(net), 0)``) must keep what it guards from being computed, so nothing is computed in advance; and
120 periods that ask for the same rate of return must not find it 120 times.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.time_limit import check_time


class Over:
    """``function`` of ``rows``; called with the other arguments. ``order`` says for each of its arguments whether it is a row."""

    __slots__ = ("_function", "_known", "_order", "_rows")

    def __init__(self, function: Callable[..., Any], order: Sequence[bool], *rows: Sequence[Decimal]) -> None:
        self._function = function
        self._order = order
        self._rows = rows
        self._known: dict[tuple[Decimal, ...], Any] = {}

    def __call__(self, *arguments: Decimal) -> Any:
        if arguments not in self._known:
            check_time()
            rows, values = iter(self._rows), iter(arguments)
            self._known[arguments] = self._function(*(next(rows) if is_row else next(values) for is_row in self._order))
        return self._known[arguments]
