"""The checks of the manifesto's rules, by subject. Importing this package registers all of them."""

from valuefabric.domain.manifesto.checks import conservative, impact, language, people, record, sources, structure, wording

__all__ = ["conservative", "impact", "language", "people", "record", "sources", "structure", "wording"]
