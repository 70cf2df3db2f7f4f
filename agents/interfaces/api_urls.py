"""Where processes lie under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from agents.interfaces.api import ProcessViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of agents to the REST root."""
    router.register("processes", ProcessViewSet, basename="process")
