"""What VOS tells of itself: logs, traces, health."""
