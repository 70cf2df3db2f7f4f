from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    name = "workflows.interventions"
    label = "interventions"
    verbose_name = "Interventions in workflows"
