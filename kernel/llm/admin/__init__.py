"""Language models in the operators' admin, one module per subject."""

from kernel.llm.admin import deployments, live, queue_policies, routes

__all__ = ["deployments", "live", "queue_policies", "routes"]
