"""The control plane's ground floor: tenants, people, roles, and what keeps tenants apart."""
