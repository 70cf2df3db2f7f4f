from django.apps import AppConfig


class ValueFabricConfig(AppConfig):
    name = "valuefabric"
    label = "valuefabric"
    verbose_name = "Value fabric"

    def ready(self) -> None:
        """Declare topics, and committing a case as an action that people approve."""
        from approvals.actions import register_action
        from valuefabric.selectors.approval import CASE_COMMIT_ACTION
        from valuefabric.topics import register_topics

        register_topics()
        register_action(CASE_COMMIT_ACTION)
