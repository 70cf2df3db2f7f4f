"""WebSockets: the live output of runs."""
