"""``manage.py governance load``: packs and rules that come with the product."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kernel.actors import SYSTEM
from valuefabric.domain.packs import PackError
from valuefabric.governance.services import VersionChanged, packs_load, rule_set_load


class Command(BaseCommand):
    """Loads the product's packs and rule set. Repeating it changes nothing."""

    help = "Load the packs and the rule set that come with the product."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["load"])

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            packs = packs_load(actor=SYSTEM)
            rules = rule_set_load(actor=SYSTEM)
        except (PackError, VersionChanged) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(packs)} new pack(s); rule set {rules.version}, {rules.hash}.")
