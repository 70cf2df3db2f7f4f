"""The main job in Acme, done in this process: for tests that need a whole case with real rows behind it."""

import fcntl
import pickle
from pathlib import Path

from django_tenants.utils import schema_context, tenant_context

from agents.registry.services import catalog_register
from approvals.services import policy_default_for
from kernel.actors import SYSTEM
from tenants.models import Tenant
from tests.factories.databases import rows_kept, rows_put
from valuefabric.governance.services import packs_load, rule_set_load
from vos.demo.job import main_job
from vos.demo.pump import work_here
from workflows.models import Execution


def ground_make(tenant: Tenant) -> None:
    """Packs, rules, agents, and the tenant's approval policy."""
    with schema_context("public"):
        packs_load(actor=SYSTEM)
        rule_set_load(actor=SYSTEM)
        catalog_register(actor=SYSTEM)
    with tenant_context(tenant):
        policy_default_for(action="case.commit", actor=SYSTEM)


def job_do(tenant: Tenant) -> Execution:
    """The whole job, from notes to an expansion proposal."""
    ground_make(tenant)
    return main_job(tenant=tenant, pump=work_here, tell=lambda _stage: None)


def job_done(tenant: Tenant, folder: Path) -> Execution:
    """The run of a whole job in an empty tenant, with all its rows; done once for all who name the same ``folder``.

    The others get the rows as they are after it: what is asked of a finished job is asked of its rows, in any process.
    """
    kept = folder / "job.rows"
    with (folder / "job.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            run = job_do(tenant)
            kept.write_bytes(pickle.dumps((run.pk, rows_kept())))
            return run
    key, rows = pickle.loads(kept.read_bytes())
    rows_put(rows)
    with tenant_context(tenant):
        return Execution.objects.get(pk=key)
