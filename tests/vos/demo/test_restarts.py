"""Postgres goes away in the middle of the main job."""

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest, Vote
from tenants.models import Tenant
from tests.factories.job import ground_make
from valuefabric.models import BusinessCase, Commitment, Export
from vos.demo.job import main_job
from vos.demo.pump import work_here


def test_postgres_restarted_in_the_middle_loses_nothing(committed: Tenant) -> None:
    """Every connection is cut before each round of work; whoever was cut begins again, and nothing is done twice."""
    ground_make(committed)
    cuts: list[int] = []

    def cut_and_work() -> None:
        cuts.append(_cut_everybody())
        for _try in range(2):  # the first query on the dead connection fails; the next one has a new connection
            try:
                return work_here()
            except (OperationalError, InterfaceError):
                connection.close()

    run = main_job(tenant=committed, pump=cut_and_work, tell=lambda _stage: None)

    assert run.state == "completed"
    assert sum(cuts) >= 5
    with tenant_context(committed):
        assert [BusinessCase.objects.count(), Commitment.objects.count(), Export.objects.count(), Vote.objects.count()] == [
            1,
            1,
            1,
            2,
        ]
        assert ApprovalRequest.objects.count() == 1
        assert set(run.steps.values_list("failures", flat=True)) == {0}


def _cut_everybody() -> int:
    """Cut every connection to the tests' database but our own; returns how many there were."""
    import os

    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=settings.DATABASES["default"]["NAME"])
    with psycopg.connect(url, autocommit=True) as killer:
        row = killer.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0
