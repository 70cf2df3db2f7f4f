"""Tenants and people in the operators' admin. What is written goes through the services, which audit it."""

from tenants.admin import people, places

__all__ = ["people", "places"]
