"""The REST root: pages, problems, idempotency, and the apps' resources under ``/api/v1/``."""
