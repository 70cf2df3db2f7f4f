from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "workflows.limits"
    label = "workflow_limits"
    verbose_name = "Limits of workflows"
