"""Budgets: what reserving and settling a call costs beside the barest transaction that could keep the same books.

On a Postgres of its own, in two rows: one whose commits wait for the disk, as in production, and one whose commits do not, where
only our own work counts. The bare transaction is the least that a careful engineer would write by hand: raise the counter, keep
the same usage record in a table with the same columns and indexes. It checks no limit, holds nothing while the call runs, keeps
no tenant from another's rows, and cannot tell what a dead caller left behind.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django_tenants.utils import schema_context
from psycopg.conninfo import conninfo_to_dict

from benchmarks.measuring import Bar, Measured, timed_beside
from kernel.budgets.models import Budget, BudgetWindow, UsageRecord
from kernel.budgets.services import Used, budget_reserve, reservation_settle
from tenants.provisioning.database import make_role
from vos.embedded.postgres import Postgres

TENANT = "bench"
ROUNDS = 60
CALLS = 10
_MONEY = Decimal("0.001")
_BARE = (
    "CREATE TABLE public.bare_window (LIKE public.budgets_budgetwindow INCLUDING ALL)",
    "CREATE TABLE public.bare_usage (LIKE public.budgets_usagerecord INCLUDING ALL)",
    """INSERT INTO public.bare_window
    (id, schema_name, budget_id, starts_at, spent_tokens, spent_money, held_tokens, held_money, told)
    VALUES (1, 'bench', 1, now(), 0, 0, 0, 0, '{}')""",
    "GRANT ALL ON public.bare_window, public.bare_usage TO vos_tenant",
)
_RAISE = "UPDATE public.bare_window SET spent_tokens = spent_tokens + %s, spent_money = spent_money + %s WHERE id = 1"
_NOTE = """
INSERT INTO public.bare_usage (schema_name, occurred_at, scopes, process, purpose, deployment, prompt_tokens, completion_tokens,
    cached_tokens, reasoning_tokens, money, tokens_over_reservation, estimated, outcome, "group", model, provider, price, prompt,
    attempt, started_at, waited_ms, cached, reservation_id)
VALUES ('bench', now(), %s, %s, %s, %s, %s, %s, 0, 0, %s, 0, false, 'completed', '', '', '', NULL, '', 1, NULL, 0, false, %s)"""


@contextmanager
def _books() -> Iterator[None]:
    """Django's connection, as a tenant's role, on a fresh server with budgets and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="vos-b-")).resolve()
    folder.chmod(0o711)  # the server's account is another one where we are root
    server = Postgres(folder)
    before = dict(connection.settings_dict)
    try:
        given = conninfo_to_dict(server.start())
        connection.close()
        connection.settings_dict.update(NAME=given["dbname"], USER=given["user"], HOST=given["host"], PORT=given["port"])
        _prepare()
        with schema_context(TENANT):
            yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare() -> None:
    for app in ("rls", "events", "budgets"):
        call_command("migrate_schemas", app, schema_name="public", verbosity=0, interactive=False)
    make_role(TENANT)
    with connection.cursor() as cursor:
        for statement in _BARE:
            cursor.execute(statement)
    Budget.objects.create(schema_name=TENANT, window="month", limit_tokens=10**12, limit_money=10**9)


def reserve_and_settle() -> Measured:
    """Commits wait for the disk: two of ours beside one bare."""
    return _beside("budget reserve + settle, commits on disk", synchronous=True)


def reserve_and_settle_in_memory() -> Measured:
    """Commits do not wait: our own work and round trips alone."""
    return _beside("budget reserve + settle, commits not awaited", synchronous=False)


def _beside(work: str, *, synchronous: bool) -> Measured:
    with _books():
        with connection.cursor() as cursor:
            cursor.execute(f"SET synchronous_commit = {'on' if synchronous else 'off'}")
        measured = timed_beside(work, _reserve_and_settle, _bare, unit="ms", rounds=ROUNDS, calls=CALLS, bar=Bar(2.0))
        _compare_books()
        return measured


def _reserve_and_settle() -> None:
    held = budget_reserve(tokens=1000, money=_MONEY, scopes=["agent:target"], process="bench", purpose="bench")
    reservation_settle(reservation=held.pk, used=Used(300, 200, money=_MONEY / 2), deployment="bench")


def _bare() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RAISE, [500, _MONEY / 2])
        cursor.execute(_NOTE, [["tenant", "agent:target"], "bench", "bench", "bench", 300, 200, _MONEY / 2, uuid.uuid4()])


def _compare_books() -> None:
    """What was measured did keep the books."""
    calls = UsageRecord.objects.count()
    for window in BudgetWindow.objects.all():
        if (window.spent_tokens, window.held_tokens) != (500 * calls, 0):
            raise AssertionError(f"{calls} calls of 500 tokens and {window.spent_tokens} spent, {window.held_tokens} held")


BENCHMARKS = (reserve_and_settle, reserve_and_settle_in_memory)
