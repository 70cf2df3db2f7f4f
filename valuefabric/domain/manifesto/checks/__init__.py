"""The checks of the manifesto's rules, by subject. Importing this package registers all of them."""

from valuefabric.domain.manifesto.checks import impact, language, people, record, sources, structure, wording

__all__ = ["impact", "language", "people", "record", "sources", "structure", "wording"]
