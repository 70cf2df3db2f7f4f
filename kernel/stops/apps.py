from django.apps import AppConfig


class StopsConfig(AppConfig):
    name = "kernel.stops"
    label = "stops"
    verbose_name = "Emergency stops"

    def ready(self) -> None:
        """Declare what stops tell, and who goes on after a release."""
        from kernel.stops import subscriptions  # noqa: F401 - models exist only once the apps are loaded
        from kernel.stops.topics import register_topics  # as above

        register_topics()
