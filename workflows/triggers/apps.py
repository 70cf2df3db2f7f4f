from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "workflows.triggers"
    label = "triggers"
    verbose_name = "Triggers of workflows"
