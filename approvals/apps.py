from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        """Declare topics, and who is woken when a request expires."""
        from approvals.tasks import register_wakeups  # models and tasks exist only once the apps are loaded
        from approvals.topics import register_topics

        register_topics()
        register_wakeups()
