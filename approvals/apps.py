from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        """Declare topics, the consent to tool calls, and who is woken when a request expires."""
        from approvals.services.tool_calls import register_tool_calls  # models exist only once the apps are loaded
        from approvals.tasks import register_wakeups
        from approvals.topics import register_topics

        register_topics()
        register_tool_calls()
        register_wakeups()
