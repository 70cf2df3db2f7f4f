"""Template tags of the workspaces."""
