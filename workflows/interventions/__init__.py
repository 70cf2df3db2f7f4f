"""What people did to runs beside their steps: outputs they replaced, and steps that a fork took over from its parent."""
