"""Where runs lie under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from workflows.interfaces.api import RunViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of workflows to the REST root."""
    router.register("runs", RunViewSet, basename="run")
