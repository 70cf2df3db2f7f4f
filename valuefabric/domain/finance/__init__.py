"""Finance: present value, return and payback under conventions that are written out."""

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.discounting import discount_factor, discounted, present_value
from valuefabric.domain.finance.measures import Measures, measure
from valuefabric.domain.finance.payback import Payback, payback_of
from valuefabric.domain.finance.returns import internal_rate, roi_percent

__all__ = [
    "Conventions",
    "Measures",
    "Payback",
    "discount_factor",
    "discounted",
    "internal_rate",
    "measure",
    "payback_of",
    "present_value",
    "roi_percent",
]
