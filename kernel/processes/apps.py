from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "kernel.processes"
    label = "processes"
    verbose_name = "Processes"

    def ready(self) -> None:
        """Declare who looks after running processes."""
        from kernel.processes.tasks import register_wakeups  # models exist only once the apps are loaded

        register_wakeups()
