"""The subcommands of ``manage.py model``, one module each.

A new one is a module with a ``COMMAND`` and one line in ``MODULES``. Only the module of the subcommand that is run is asked to
work; what is heavy (openpyxl, numpy) is imported inside its ``run``, so that ``manage.py help`` stays quick.
"""

from collections.abc import Mapping

from valuefabric.management.model_commands import choices, compute, conformance, exporting, functions, gate, importing, risk
from valuefabric.management.model_commands.subcommand import Subcommand

MODULES = (compute, choices, gate, functions, conformance, importing, exporting, risk)


def subcommands() -> Mapping[str, Subcommand]:
    """Every subcommand by its name, in the order of ``MODULES``; raises ValueError when two have one name."""
    known: dict[str, Subcommand] = {}
    for module in MODULES:
        if module.COMMAND.name in known:
            raise ValueError(f"two subcommands of 'model' are named {module.COMMAND.name!r}; rename one")
        known[module.COMMAND.name] = module.COMMAND
    return known
