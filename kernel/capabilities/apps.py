from django.apps import AppConfig


class CapabilitiesConfig(AppConfig):
    name = "kernel.capabilities"
    label = "capabilities"
    verbose_name = "Capabilities"
