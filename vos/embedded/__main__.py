"""``python -m vos.embedded run|exec|test|reset|chromium``: what the Makefile calls."""

import argparse
import sys

from vos.embedded.console import say
from vos.embedded.processes import ServerError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vos.embedded", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="bring everything up, do the main job, serve until Ctrl-C")
    run.add_argument("--once", action="store_true", help="do the job, print its results as JSON, stop")
    execute = verbs.add_parser("exec", help="run a command with Postgres and Valkey there")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("test", help="find a Chromium, then run pytest with the given arguments", add_help=False)
    reset = verbs.add_parser("reset", help="delete the data folder's contents")
    reset.add_argument("--yes", action="store_true")
    verbs.add_parser("chromium", help="find or bring a Chromium for browser tests; print where it is")
    return parser


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The verb with its options, and what is pytest's: argparse itself takes no rest that begins with an option."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.verb != "test":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options, rest


def main() -> int:
    """Run one verb; each imports only what it needs."""
    options, rest = parse(sys.argv[1:])
    if options.verb == "run":
        from vos.embedded.run import main as run  # a run needs nothing of the others

        return run(once=options.once)
    if options.verb == "exec":
        from vos.embedded.commands import execute  # as above

        return execute([word for word in options.command if word != "--"])
    if options.verb == "reset":
        from vos.embedded.commands import reset  # as above

        return reset(agreed=options.yes)
    if options.verb == "test":
        from vos.embedded.testing import test  # as above

        return test(rest)
    from vos.embedded.chromium import find_or_bring  # as above

    sys.stdout.write(f"{find_or_bring()}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerError as error:
        say(f"[red]vos:[/red] {error}")
        sys.exit(1)
