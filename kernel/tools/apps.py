from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "kernel.tools"
    label = "tools"
    verbose_name = "Tools"
