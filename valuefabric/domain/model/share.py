"""A share of something: a fraction written down, or a row that has it, with a source and a range of its own."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from valuefabric.domain.formulas.figures import read_figure
from valuefabric.domain.model.keys import is_key


def read_share(value: Any) -> Decimal | str:
    """A figure from 0 to 1, or the key of a row; raises ValueError."""
    if isinstance(value, str) and is_key(value):
        return value
    figure = read_figure(value)
    if not 0 <= figure <= 1:
        raise ValueError(f"a share is between 0 and 100 %, not {figure:f}; write 60%, or the key of a row that has it")
    return figure


def read_rate(value: Any) -> Decimal | str:
    """A yearly rate above -100 %, or the key of a row; raises ValueError."""
    if isinstance(value, str) and is_key(value):
        return value
    figure = read_figure(value)
    if not -1 < figure <= 10:
        raise ValueError(f"a yearly rate is above -100 % and at most 1000 %, not {figure:f}; write 3%, or the key of a row")
    return figure


Share = Annotated[Decimal | str, BeforeValidator(read_share)]
Rate = Annotated[Decimal | str, BeforeValidator(read_rate)]
