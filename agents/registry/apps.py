from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "agents.registry"
    label = "registry"
    verbose_name = "Agents"
