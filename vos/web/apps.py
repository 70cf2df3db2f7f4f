from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "vos.web"
    label = "web"
    verbose_name = "Workspaces"
