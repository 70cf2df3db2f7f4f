from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "vos.api"
    label = "api"
    verbose_name = "REST API"
