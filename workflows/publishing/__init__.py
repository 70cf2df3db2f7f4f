"""A tenant's own definitions of workflows: drafted, published, retired. A published version never changes."""
