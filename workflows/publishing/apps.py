from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "workflows.publishing"
    label = "workflow_publishing"
    verbose_name = "Tenants' own workflows"
