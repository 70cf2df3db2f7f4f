"""Migrating a schema in a fraction of the time: models are rendered where a migration needs them, and not everywhere else."""
