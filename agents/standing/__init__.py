"""Standing agents: those that start with a tenant, and those that start at set times."""
