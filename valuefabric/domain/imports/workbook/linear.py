"""Linear equations over exact fractions, added one by one: does the next one contradict those before?"""

from collections.abc import Mapping
from fractions import Fraction

type Form = dict[str, Fraction]


class Equations:
    """Equations ``sum of coefficient * unknown = constant``, kept in triangular form."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Form, Fraction]] = {}

    def add(self, form: Mapping[str, Fraction], constant: Fraction = Fraction(0)) -> bool:
        """Take an equation in; False, and nothing changes, when it contradicts the others."""
        left, right = self._reduced(dict(form), constant)
        if not left:
            return right == 0
        pivot = next(iter(left))
        factor = left.pop(pivot)
        self._rows[pivot] = ({name: value / factor for name, value in left.items()}, right / factor)
        return True

    def value(self, name: str) -> Fraction:
        """What an unknown comes to when everything that is free is zero."""
        _, right = self._reduced({name: Fraction(1)}, Fraction(0))
        return -right

    def _reduced(self, form: Form, constant: Fraction) -> tuple[Form, Fraction]:
        """``form`` with every unknown replaced that an equation gives. The triangle has no circle: a row names no earlier pivot
        that was there when it was added."""
        waiting = [name for name in form if name in self._rows]
        while waiting:
            name = waiting.pop()
            factor = form.pop(name, Fraction(0))
            if not factor:
                continue
            left, right = self._rows[name]
            constant -= factor * right
            for other, value in left.items():
                total = form.get(other, Fraction(0)) - factor * value
                if total:
                    form[other] = total
                    if other in self._rows:
                        waiting.append(other)
                else:
                    form.pop(other, None)
        return form, constant
