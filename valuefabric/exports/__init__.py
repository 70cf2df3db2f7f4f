"""Exports: the business case as files that people open elsewhere."""
