from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "approvals.notices"
    label = "notices"
    verbose_name = "Notices of approvals"

    def ready(self) -> None:
        """Listen to what happens to approvals, and declare who is woken to send."""
        from approvals.notices.subscribers import subscribe  # models exist only once the apps are loaded
        from approvals.notices.tasks import register_wakeups

        subscribe()
        register_wakeups()
