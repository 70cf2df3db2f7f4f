"""The emergency stop: of an agent, a workflow, a tenant, or the platform. In force in every worker within a second, until two
people have released it. See docs/oversight.md.
"""
