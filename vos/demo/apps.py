from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "vos.demo"
    label = "demo"
    verbose_name = "Demo"
