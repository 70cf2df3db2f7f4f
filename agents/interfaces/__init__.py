"""Agents' processes from outside: REST."""
