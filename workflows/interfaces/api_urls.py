"""Where runs, triggers, and what keeps them going lie under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from workflows.interfaces.api import RunViewSet
from workflows.interfaces.definitions import VersionViewSet, WorkflowViewSet
from workflows.interfaces.operations import BreakerViewSet, DeadLetterViewSet, LimitViewSet
from workflows.interfaces.triggers import TriggerViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of workflows to the REST root."""
    router.register("runs", RunViewSet, basename="run")
    router.register("workflows", WorkflowViewSet, basename="workflow")
    router.register("workflow-versions", VersionViewSet, basename="workflow-version")
    router.register("triggers", TriggerViewSet, basename="trigger")
    router.register("workflow-dead-letters", DeadLetterViewSet, basename="workflow-dead-letter")
    router.register("workflow-breakers", BreakerViewSet, basename="workflow-breaker")
    router.register("workflow-limits", LimitViewSet, basename="workflow-limit")
