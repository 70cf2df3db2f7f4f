"""``manage.py model risk FILE``: what a model is worth when its assumptions are not certain (docs/risk.md).

Exit status 2: the file or the question cannot be used; the message says why.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from django.core.management.base import CommandError

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.formulas.figures import read_figure
from valuefabric.domain.model import ModelDocument, ModelFileError, load_model
from valuefabric.domain.risk.limits import RiskError
from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, Subcommand, read_text

_GOAL = "KEY", "MEASURE", "TARGET"


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a model file in YAML or JSON; - reads standard input")
    parser.add_argument("--trials", type=int, default=10_000, help="how many (10000; up to a million)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same figures (1)")
    parser.add_argument("--sobol", type=int, metavar="SAMPLES", help="Sobol indices too, by so many samples (a power of 2)")
    parser.add_argument("--goal", nargs=3, metavar=_GOAL, help="the figure of an input at which a measure reaches a target")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    # numpy, scipy and SALib are imported only when this subcommand runs.
    from valuefabric.domain.risk.report import as_json, as_table

    try:
        document = load_model(read_text(options["file"]))
        if options["goal"] is not None and (answer := _goal_of_the_certain(document, options)):
            write(answer)
            return
        report = _report(document, options)
    except (ModelFileError, FormulaError, RiskError) as error:
        raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
    write((as_json if options["as_json"] else as_table)(report))


def _goal_of_the_certain(document: ModelDocument, options: Mapping[str, Any]) -> str:
    """The goal's answer for a model in which nothing is uncertain, so that there is nothing else to tell; empty for others."""
    from valuefabric.domain.risk.goal_seek import goal_seek  # as in _run
    from valuefabric.domain.risk.report import goal_alone

    if any(row.distribution is not None or row.low is not None or row.high is not None for row in document.rows):
        return ""
    return goal_alone(goal_seek(document, _goal(options["goal"])), as_json=options["as_json"])


def _report(document: ModelDocument, options: Mapping[str, Any]) -> Any:
    # As in _run.
    from valuefabric.domain.model.sensitivity import sensitivities
    from valuefabric.domain.risk.break_even import break_even
    from valuefabric.domain.risk.goal_seek import goal_seek
    from valuefabric.domain.risk.monte_carlo import simulate
    from valuefabric.domain.risk.report import RiskReport
    from valuefabric.domain.risk.sobol import sobol_indices
    from valuefabric.domain.risk.summary import summarised

    simulation = simulate(document, trials=options["trials"], seed=options["seed"])
    return RiskReport(
        document=document,
        drawn=simulation.drawn,
        summary=summarised(document, simulation),
        tornado=sensitivities(document),
        break_even=break_even(document),
        sobol=None if options["sobol"] is None else sobol_indices(document, samples=options["sobol"], seed=options["seed"]),
        goal=None if options["goal"] is None else goal_seek(document, _goal(options["goal"])),
    )


def _goal(words: list[str]) -> Any:
    from valuefabric.domain.risk.goal_seek import Goal, Measure  # as in _run

    key, measure, target = words
    if measure not in get_args(Measure):
        raise RiskError(f"there is no measure '{measure}'; there are {', '.join(get_args(Measure))}")
    try:
        return Goal(key, cast("Measure", measure), read_figure(target))
    except ValueError:
        raise RiskError(f"the target '{target}' is not a number") from None


COMMAND = Subcommand("risk", "simulate a model whose assumptions are uncertain", _add_arguments, _run)
