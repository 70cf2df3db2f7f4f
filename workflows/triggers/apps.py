from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "workflows.triggers"
    label = "triggers"
    verbose_name = "Triggers of workflows"

    def ready(self) -> None:
        """Declare who is woken at a trigger's time."""
        from workflows.triggers.tasks import register_wakeups  # models exist only once the apps are loaded

        register_wakeups()
