from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    label = "tenants"
    verbose_name = "Tenants and people"

    def ready(self) -> None:
        """Declare who decides about emergency stops."""
        from kernel.stops.people import register_judge
        from tenants.stops import ROLES  # models exist only once the apps are loaded

        register_judge(ROLES)
