"""URLs: one tree for tenants' hosts, one for the operators' host."""
