"""How much of a question may be asked at once. Every bound has an answer that says what to do instead."""

MAX_TRIALS = 1_000_000
MAX_DRAWN = 200  # assumptions that are drawn in one simulation
MAX_SHAPES = 1_000  # different distributions, by period; a PERT's table takes some milliseconds
MAX_POINTS = 20_000  # points of a spider or of a two-way table
MAX_SOBOL_POINTS = 1_000_000  # evaluations: base samples times assumptions and two more
MAX_SECONDS = 60.0


class RiskError(ValueError):
    """A risk question that cannot be answered as asked; the message says why and what to change."""
