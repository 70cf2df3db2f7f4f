"""Language models in the operators' admin, one module per subject."""

from kernel.llm.admin import deployments, queue_policies, routes

__all__ = ["deployments", "queue_policies", "routes"]
