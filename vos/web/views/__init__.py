"""Views of the workspaces: each parses, asks selectors or calls one service, and renders."""
