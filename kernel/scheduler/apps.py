from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "kernel.scheduler"
    label = "scheduler"
    verbose_name = "Scheduler"
