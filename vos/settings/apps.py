"""Installed apps: which tables lie in the public schema, which in every tenant's."""

# Tenants first, because its management commands replace django-tenants' own (migrations run as the owning role). Unfold before
# django-tenants, because that brings admin templates which ask the request for a tenant, and the operators' host has none.
_GROUND = ["tenants", "unfold.apps.BasicAppConfig", "django_tenants", "kernel.rls"]

SHARED_APPS = [
    *_GROUND,
    "kernel.events",
    "kernel.scheduler",
    "kernel.stops",
    "kernel.budgets",
    "kernel.llm",
    "kernel.audit",
    "valuefabric.governance",
    "agents.registry",
    "agents.standing",
    "unfold.contrib.filters",
    "unfold.contrib.guardian",
    "unfold.contrib.simple_history",
    "vos.apps.OperatorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "axes",
    "guardian",
    "simple_history",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_structlog",
    "channels",
    "vos.web",
    "vos.demo",
    "vos.operations",
]

TENANT_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    # Sessions and failed logins lie in the tenant's schema: no tenant's role can read another's.
    "django.contrib.sessions",
    "axes",
    "guardian",
    "kernel.audit",
    "kernel.context",
    "kernel.processes",
    "kernel.capabilities",
    "kernel.tools",
    "approvals",
    "approvals.notices",
    "valuefabric",
    "workflows",
    "workflows.interventions",
    "workflows.limits",
    "workflows.publishing",
    "workflows.triggers",
    "vos.api",
]

INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
# Django's migrate, rendering models sparingly: a tenant's schema takes a third of the time.
TENANT_BASE_MIGRATE_COMMAND = "tenants.migrating.command.Command"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# One switch per connection and change of tenant, instead of one before each statement.
TENANT_LIMIT_SET_CALLS = True
PG_EXTRA_SEARCH_PATHS = ["extensions"]
# Otherwise every command asks the database at start.
SKIP_PG_EXTRA_VALIDATION = True
