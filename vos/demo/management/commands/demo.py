"""``manage.py demo run``: the main job on demo data, with progress on stderr and results on stdout.

``manage.py demo ground`` lays only what every installation stands on, demo or not: no demo tenant, no demo account.
"""

import json
import sys
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import tenant_context
from rich.console import Console
from rich.table import Table

from valuefabric.models import Customer
from vos.demo.job import JobFailed, Tell, main_job
from vos.demo.outages import outlasting
from vos.demo.pump import JobStalled, others_work, work_here
from vos.demo.results import results_of
from vos.demo.setup import DemoRefused, demo_set_up, ground_set_up


class Command(BaseCommand):
    help = "Make the demo tenants and do the main job in one of them, or only lay the ground; what is done is not done again."
    # As with the relay: at a second start they take longer than finding that all is done.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["run", "ground"])
        parser.add_argument("--json", action="store_true", help="print one JSON document of results")
        parser.add_argument("--here", action="store_true", help="do the worker's and the relay's work in this process")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "ground":
            self._ground(as_json=options["json"])
            return
        console = Console(stderr=True)
        try:
            results = self._job(console, here=options["here"])
        except (DemoRefused, JobFailed, JobStalled) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(results, indent=2, ensure_ascii=False))
        else:
            self._show(console, results)
        if not results["ok"]:
            sys.exit(1)

    def _ground(self, *, as_json: bool) -> None:
        ground_set_up()
        laid = ["public tenant", "packs", "rules", "agents", "schedule"]
        said = json.dumps({"ok": True, "ground": laid}, indent=2) if as_json else f"There are: {', '.join(laid)}."
        self.stdout.write(said)

    def _job(self, console: Console, *, here: bool) -> dict[str, Any]:
        with _progress(console) as tell:
            return outlasting(lambda: _results(here=here, tell=tell), tell=tell)

    def _show(self, console: Console, results: dict[str, Any]) -> None:
        table = Table("Figure", "Computed", "Published", "", title=f"{results['customer']} (demo data)", title_justify="left")
        for figure in results["figures"]:
            table.add_row(
                figure["figure"], f"{int(figure['computed']):,}", f"{int(figure['published']):,}", "=" if figure["holds"] else "≠"
            )
        console.print(table)
        outcome = f"attainment {results['attainment_pct']} %, renewal risk {results['renewal_risk']}"
        proposals = len(results["expansion"])
        console.print(f"  {outcome}, {proposals} proposal{'' if proposals == 1 else 's'}")
        accounts = Table(
            "Account", "Role", "Tenant", title=f"Demo accounts, password: {results['password']}", title_justify="left"
        )
        for account in results["accounts"]:
            accounts.add_row(account["email"], account["role"], account["tenant"])
        console.print(accounts)
        for label, url in results["where"].items():
            console.print(f"  {label:12} [bold]{url}[/bold]")


def _results(*, here: bool, tell: Tell) -> dict[str, Any]:
    """Everything, from what stands already."""
    tell("making tenants, people, packs, rules and agents")
    tenant = demo_set_up()
    run = main_job(tenant=tenant, pump=work_here if here else others_work, tell=tell)
    with tenant_context(tenant):
        customer = Customer.objects.get(public_id=run.inputs["customer"])
        return results_of(tenant=tenant, customer=customer, run=run)


@contextmanager
def _progress(console: Console) -> Any:
    """A line per stage, with the present one moving."""
    with console.status("") as status:
        stages: list[str] = []

        def tell(stage: str) -> None:
            if stages:
                console.print(f"  [green]✓[/green] {stages[-1]}")
            stages.append(stage)
            status.update(stage)

        yield tell
        if stages:
            console.print(f"  [green]✓[/green] {stages[-1]}")
