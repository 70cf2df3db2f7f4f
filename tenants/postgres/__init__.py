"""Postgres as each tenant's own role: the database backend, and the role of the moment."""
