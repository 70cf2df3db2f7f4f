from django.apps import AppConfig


class RlsConfig(AppConfig):
    name = "kernel.rls"
    label = "rls"
    verbose_name = "Row-level security"
