"""Internal rates of 10,000 flows at once, beside pyxirr asked for one after the other.

The flows are an outlay and what comes back with noise in it, so that some of the long ones change sign more than once.
"""

import numpy as np
import pyxirr

from benchmarks.measuring import Bar, Measured, timed_beside
from valuefabric.domain.finance.rates_batch import irr_batch

FLOWS = 10_000
SEED = 20


def short_flows() -> Measured:
    """An outlay and three years."""
    return _beside(4, Bar(1.2))


def long_flows() -> Measured:
    """An outlay and three years of months."""
    return _beside(37, Bar(0.6))


def _beside(periods: int, bar: Bar) -> Measured:
    flows = _flows(periods)
    lists = flows.tolist()  # pyxirr reads a list faster than an array's row
    return timed_beside(
        f"IRR of {FLOWS:,} flows of {periods} periods (reference: pyxirr in a loop)",
        lambda: irr_batch(flows),
        lambda: [pyxirr.irr(flow) for flow in lists],
        unit="ms",
        rounds=15,
        bar=bar,
    )


def _flows(periods: int) -> np.ndarray:
    random = np.random.default_rng(SEED)
    outlay = random.uniform(200_000, 800_000, FLOWS)
    back = random.normal(1.5 / (periods - 1), 0.6 / (periods - 1), (FLOWS, periods - 1)) * outlay[:, None]
    return np.column_stack((-outlay, back))


BENCHMARKS = (short_flows, long_flows)
