"""``manage.py stop set|list|release``: the emergency stop from a shell, for when no page answers.

::

    manage.py stop set platform --reason "A model runs wild" --as olga@example.com
    manage.py stop set agent target --tenant acme --reason "Wrong prices" --as olga@example.com
    manage.py stop list
    manage.py stop release 3f2a --reason "Mended" --as olga@example.com      (asks)
    manage.py stop release 3f2a --reason "Checked" --as omar@example.com     (releases)
    manage.py stop withdraw 3f2a --as olga@example.com                       (takes the asking back)
"""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import timezone

from kernel.actors import operator_actor
from kernel.stops.models import Kind, Stop
from kernel.stops.selectors import stops_in_force, stops_visible
from kernel.stops.services import ReleaseRefused, stop_release, stop_release_withdraw, stop_set

SHORTEST_PREFIX = 4


class Command(BaseCommand):
    """Whoever has a shell on the platform says in whose name they act; that person must be an operator."""

    help = "Set, list and release emergency stops."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        setting = verbs.add_parser("set", help="stop something, at once and everywhere")
        setting.add_argument("kind", choices=Kind.values)
        setting.add_argument("key", nargs="?", default="", help="the agent's or workflow's name")
        setting.add_argument("--tenant", default="", help="the tenant's schema; without it every tenant's")
        listing = verbs.add_parser("list", help="the stops in force")
        listing.add_argument("--tenant", default=None, help="only what concerns one tenant's schema")
        listing.add_argument("--all", action="store_true", help="also those that are released, the newest hundred")
        releasing = verbs.add_parser("release", help="ask for a release; as the second person, release")
        releasing.add_argument("id", help="the beginning of its id, as the list shows it")
        withdrawing = verbs.add_parser("withdraw", help="take one's own asking for a release back")
        withdrawing.add_argument("id", help="the beginning of its id, as the list shows it")
        for verb in (setting, releasing):
            verb.add_argument("--reason", required=True)
        for verb in (setting, releasing, withdrawing):
            verb.add_argument("--as", required=True, dest="email", metavar="E-MAIL", help="of the operator who acts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except (PermissionDenied, ReleaseRefused, ValueError) as refused:
            raise CommandError(str(refused)) from refused

    def _set(self, options: dict[str, Any]) -> None:
        stop = stop_set(
            kind=options["kind"],
            key=options["key"],
            schema_name=options["tenant"],
            reason=options["reason"],
            actor=_operator(options["email"]),
        )
        self.stdout.write(_line(stop))

    def _list(self, options: dict[str, Any]) -> None:
        found = list(stops_visible()[:100]) if options["all"] else stops_in_force(schema_name=options["tenant"])
        for stop in found:
            self.stdout.write(_line(stop))
        if not found:
            self.stdout.write("Nothing is stopped.")

    def _release(self, options: dict[str, Any]) -> None:
        stop = stop_release(stop=_found(options["id"]), reason=options["reason"], actor=_operator(options["email"]))
        self.stdout.write(_line(stop) if stop.released_at else f"{_line(stop)}\nAnother person must release it.")

    def _withdraw(self, options: dict[str, Any]) -> None:
        self.stdout.write(_line(stop_release_withdraw(stop=_found(options["id"]), actor=_operator(options["email"]))))


def _operator(email: str) -> str:
    # Whether the account is an operator's is asked by the service, as of everybody.
    user = get_user_model().objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(f"Nobody has the address {email}.")
    return operator_actor(user.pk)


def _found(start: str) -> Stop:
    if len(start) < SHORTEST_PREFIX:
        raise CommandError(f"Give at least {SHORTEST_PREFIX} characters of the id.")
    found = stops_visible().annotate(text=Cast("public_id", CharField())).filter(text__startswith=start.lower())[:2]
    if len(found) != 1:
        raise CommandError(f"{'More than one stop has' if found else 'No stop has'} an id that begins with {start!r}.")
    return found[0]


def _line(stop: Stop) -> str:
    said = ", ".join(one.name for one in stop.releases.all() if one.stands(stop.released_at or timezone.now()))
    state = f"released {stop.released_at:%Y-%m-%d %H:%M}" if stop.released_at else "IN FORCE"
    asked = f"; release: {said}" if said else ""
    begun = f"{stop.set_at:%Y-%m-%d %H:%M} UTC by {stop.set_by_name}"
    return f"{str(stop.public_id)[:8]}  {state:<26} {stop.scope}: {stop.reason} ({begun}{asked})"
