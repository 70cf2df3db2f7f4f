from django.apps import AppConfig


class ValueFabricConfig(AppConfig):
    name = "valuefabric"
    label = "valuefabric"
    verbose_name = "Value fabric"
