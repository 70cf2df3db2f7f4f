"""Keeping VOS running: the relay, the sweeper, the sealer, health."""
