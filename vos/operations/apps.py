from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "vos.operations"
    label = "operations"
    verbose_name = "Operations"
