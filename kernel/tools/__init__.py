"""Tools: everything an agent can do, in one registry, behind one call that asks token, schema and taint first."""
