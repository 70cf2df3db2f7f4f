from django.apps import AppConfig


class ValueFabricConfig(AppConfig):
    name = "valuefabric"
    label = "valuefabric"
    verbose_name = "Value fabric"

    def ready(self) -> None:
        """Declare topics, and what people approve: committing a case always, sharing and exempting where a policy says so."""
        from approvals.actions import register_action
        from valuefabric.selectors.approval import CASE_COMMIT_ACTION
        from valuefabric.services.case_sharing import CASE_SHARE_ACTION
        from valuefabric.services.gate_exemption_asking import GATE_EXEMPT_ACTION
        from valuefabric.topics import register_topics

        register_topics()
        for action in (CASE_COMMIT_ACTION, CASE_SHARE_ACTION, GATE_EXEMPT_ACTION):
            register_action(action)
