"""Django, started by being imported: what a process does once from which workers are forked."""

import django

django.setup()

import workflows.services  # noqa: F401  -- workers find it imported
