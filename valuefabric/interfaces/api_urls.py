"""Where the value fabric lies under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from valuefabric.interfaces.api.branches import BranchViewSet
from valuefabric.interfaces.api.cases import CaseViewSet
from valuefabric.interfaces.api.comments import CommentViewSet
from valuefabric.interfaces.api.customers import CustomerViewSet
from valuefabric.interfaces.api.evidence import EvidenceViewSet
from valuefabric.interfaces.api.gate import GateViewSet
from valuefabric.interfaces.api.imports import ModelExportViewSet, ModelImportViewSet
from valuefabric.interfaces.api.models import ModelViewSet
from valuefabric.interfaces.api.telemetry import RealizationViewSet, TelemetryViewSet
from valuefabric.interfaces.api.versions import VersionViewSet

_OF_MODEL = r"models/(?P<model>[0-9a-f-]{36})"


def register(router: BaseRouter) -> None:
    """Add the resources of the fabric to the REST root."""
    router.register("customers", CustomerViewSet, basename="customer")
    router.register("evidence", EvidenceViewSet, basename="evidence")
    router.register("customers", ModelImportViewSet, basename="customer-file")
    router.register("models", ModelViewSet, basename="model")
    router.register("models", ModelExportViewSet, basename="model-file")
    router.register(f"{_OF_MODEL}/versions", VersionViewSet, basename="model-version")
    router.register(f"{_OF_MODEL}/branches", BranchViewSet, basename="model-branch")
    router.register(f"{_OF_MODEL}/comments", CommentViewSet, basename="model-comment")
    router.register(f"{_OF_MODEL}/gate", GateViewSet, basename="model-gate")
    router.register("cases", CaseViewSet, basename="case")
    router.register("telemetry", TelemetryViewSet, basename="telemetry")
    router.register("realizations", RealizationViewSet, basename="realization")
