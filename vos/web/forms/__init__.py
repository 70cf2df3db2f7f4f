"""Forms of the workspaces: what is typed, made into the arguments of one service."""
