from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "workflows.limits"
    label = "workflow_limits"
    verbose_name = "Limits of workflows"

    def ready(self) -> None:
        """Declare who is woken for queues."""
        from workflows.limits.tasks import register_wakeups  # models exist only once the apps are loaded

        register_wakeups()
