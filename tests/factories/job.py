"""The main job in Acme, done in this process: for tests that need a whole case with real rows behind it."""

from django_tenants.utils import schema_context, tenant_context

from agents.registry.services import catalog_register
from approvals.services import policy_default_for
from kernel.actors import SYSTEM
from tenants.models import Tenant
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
