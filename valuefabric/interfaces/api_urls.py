"""Where the value fabric lies under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from valuefabric.interfaces.api.cases import CaseViewSet
from valuefabric.interfaces.api.customers import CustomerViewSet
from valuefabric.interfaces.api.evidence import EvidenceViewSet
from valuefabric.interfaces.api.models import ModelViewSet
from valuefabric.interfaces.api.telemetry import RealizationViewSet, TelemetryViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of the fabric to the REST root."""
    router.register("customers", CustomerViewSet, basename="customer")
    router.register("evidence", EvidenceViewSet, basename="evidence")
    router.register("models", ModelViewSet, basename="model")
    router.register("cases", CaseViewSet, basename="case")
    router.register("telemetry", TelemetryViewSet, basename="telemetry")
    router.register("realizations", RealizationViewSet, basename="realization")
