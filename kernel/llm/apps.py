from django.apps import AppConfig


class LlmConfig(AppConfig):
    name = "kernel.llm"
    label = "llm"
    verbose_name = "Language models"
