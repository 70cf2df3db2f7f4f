from django.apps import AppConfig


class ContextConfig(AppConfig):
    name = "kernel.context"
    label = "context"
    verbose_name = "Context snapshots"
