from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "kernel.budgets"
    label = "budgets"
    verbose_name = "Budgets and usage"

    def ready(self) -> None:
        """Declare what budgets tell."""
        from kernel.budgets.topics import register_topics  # after the apps are loaded, as everywhere

        register_topics()
