"""Kinds of steps. A new kind is a file with a handler, a spec in ``workflows.definition.document``, and a line in ``kinds``."""
