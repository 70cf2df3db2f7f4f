from django.apps import AppConfig
from django.db.models.signals import post_delete


class TenantsConfig(AppConfig):
    name = "tenants"
    label = "tenants"
    verbose_name = "Tenants and people"

    def ready(self) -> None:
        """Declare who decides about emergency stops, and let only a tenant's end be heard by who drops its schema."""
        from kernel.stops.people import register_judge
        from tenants.stops import ROLES  # models exist only once the apps are loaded

        register_judge(ROLES)
        _hear_tenants_only()


def _hear_tenants_only() -> None:
    """django-tenants listens to the end of every row there is; Django then reads first whatever it deletes, a query more each."""
    from django_tenants.signals import tenant_delete_callback
    from django_tenants.utils import get_tenant_model

    post_delete.disconnect(tenant_delete_callback)
    post_delete.connect(tenant_delete_callback, sender=get_tenant_model())
