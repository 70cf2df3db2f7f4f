"""Where approvals lie under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from approvals.interfaces.api import ApprovalViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of approvals to the REST root."""
    router.register("approvals", ApprovalViewSet, basename="approval")
