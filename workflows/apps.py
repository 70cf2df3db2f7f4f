from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    label = "workflows"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Declare topics, kinds of steps, step functions, what people approve, who is woken, and what waiting steps listen to."""
        from approvals.actions import register_action
        from workflows.functions import register_functions  # models exist only once the apps are loaded
        from workflows.services.family import told_of_moves
        from workflows.services.settling import SETTLE_ACTION
        from workflows.steps.kinds import register_kinds
        from workflows.subscriptions import register_subscriptions
        from workflows.tasks import register_wakeups
        from workflows.tools import case_link  # noqa: F401 -- importing registers the tool
        from workflows.topics import register_topics

        register_topics()
        register_kinds()
        register_functions()
        register_action(SETTLE_ACTION)
        register_wakeups()
        told_of_moves()
        register_subscriptions()
