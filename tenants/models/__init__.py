"""Tables of the public schema about tenants and people."""

from tenants.models.people import Membership, PortfolioManager, User
from tenants.models.tenant import Domain, Portfolio, Tenant

__all__ = ["Domain", "Membership", "Portfolio", "PortfolioManager", "Tenant", "User"]
