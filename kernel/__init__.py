"""The agent operating system: the ground of VOS. It has no screens and knows tenants only as schema names."""
