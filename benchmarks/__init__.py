"""What the parts cost, measured beside something that everybody can judge. ``make bench`` runs them all; docs/benchmarks.md.

A benchmark is a plain function that takes nothing and gives one ``Measured``. One file per subject, which lists its functions in
``BENCHMARKS``, and one line in ``SUBJECTS``. A file is imported only when its area is run, so it may import what is heavy.
"""

from benchmarks.subjects import Subject

SUBJECTS = (
    Subject("model", "benchmarks.compute"),
    Subject("model", "benchmarks.formula"),
    Subject("model", "benchmarks.trials"),
    Subject("model", "benchmarks.irr"),
    Subject("model", "benchmarks.page_edit"),
    Subject("kernel", "benchmarks.scheduler"),
    Subject("kernel", "benchmarks.gateway"),
    Subject("kernel", "benchmarks.budgets"),
    Subject("workflows", "benchmarks.workflows"),
    Subject("approvals", "benchmarks.approvals"),
    Subject("approvals", "benchmarks.approvals_stop"),
    Subject("approvals", "benchmarks.approvals_phone"),
)
