"""``/api/v1/``: the apps' resources, and their OpenAPI schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from agents.interfaces.api_urls import register as register_agents
from approvals.interfaces.api_urls import register as register_approvals
from tenants.interfaces.stops import register as register_stops
from valuefabric.interfaces.api_urls import register as register_value_fabric
from workflows.interfaces.api_urls import register as register_workflows

router = SimpleRouter()
for register in (register_value_fabric, register_approvals, register_workflows, register_agents, register_stops):
    register(router)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include(router.urls)),
]
