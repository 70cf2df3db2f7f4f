from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "kernel.processes"
    label = "processes"
    verbose_name = "Processes"
