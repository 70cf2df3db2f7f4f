"""Finance: present value, return and payback under conventions that are written out."""

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.dated import xirr, xnpv
from valuefabric.domain.finance.discounting import discount_factor, discounted, present_value
from valuefabric.domain.finance.error import ErrorCode, FinanceError
from valuefabric.domain.finance.measures import Measures, measure
from valuefabric.domain.finance.payback import Payback, payback_of
from valuefabric.domain.finance.rates import irr, mirr
from valuefabric.domain.finance.returns import internal_rate, roi_percent
from valuefabric.domain.finance.time_value import fv, npv, pmt, pv

__all__ = [
    "Conventions",
    "ErrorCode",
    "FinanceError",
    "Measures",
    "Payback",
    "discount_factor",
    "discounted",
    "fv",
    "internal_rate",
    "irr",
    "measure",
    "mirr",
    "npv",
    "payback_of",
    "pmt",
    "present_value",
    "pv",
    "roi_percent",
    "xirr",
    "xnpv",
]
