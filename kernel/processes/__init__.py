"""Processes: every run of an agent has a pid, a state, limits, and a numbered stream of events to watch it by."""
