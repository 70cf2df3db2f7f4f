from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class LlmConfig(AppConfig):
    name = "kernel.llm"
    label = "llm"
    verbose_name = "Language models"

    def ready(self) -> None:
        """Know of changes to the catalogue, and tell the scheduler who holds slots."""
        from kernel.llm.catalogue import forget_on_commit  # models, which are loaded only now
        from kernel.llm.holders import slots_on_record
        from kernel.scheduler.admission import holders_register

        holders_register("reservations", slots_on_record)
        for model in self.get_models():
            post_save.connect(forget_on_commit, sender=model)
            post_delete.connect(forget_on_commit, sender=model)
