from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class LlmConfig(AppConfig):
    name = "kernel.llm"
    label = "llm"
    verbose_name = "Language models"

    def ready(self) -> None:
        from kernel.llm.catalogue import forget_on_commit

        for model in self.get_models():
            post_save.connect(forget_on_commit, sender=model)
            post_delete.connect(forget_on_commit, sender=model)
