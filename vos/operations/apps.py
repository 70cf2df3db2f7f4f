from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "vos.operations"
    label = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        # Every process that sends a task needs the app: without it shared tasks look for a broker at Celery's default address.
        import vos.celery  # noqa: F401  -- imported for what it sets up
