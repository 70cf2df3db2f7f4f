"""Where approvals lie under ``/api/v1/``."""

from rest_framework.routers import BaseRouter

from approvals.interfaces.api import ApprovalViewSet
from approvals.interfaces.api_policies import DelegationViewSet, PolicyViewSet, SightingViewSet


def register(router: BaseRouter) -> None:
    """Add the resources of approvals to the REST root."""
    router.register("approvals", ApprovalViewSet, basename="approval")
    router.register("approval-policies", PolicyViewSet, basename="approval-policy")
    router.register("delegations", DelegationViewSet, basename="delegation")
    router.register("sightings", SightingViewSet, basename="sighting")
