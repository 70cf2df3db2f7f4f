"""Writes of the value fabric, one module a subject; each commits state, event and audit in one transaction."""
