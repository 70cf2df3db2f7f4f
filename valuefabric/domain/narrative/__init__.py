"""Writing a case's sections out of a model: each figure a computed cell."""

from valuefabric.domain.narrative.plain import plain_story
from valuefabric.domain.narrative.story import Story, written_as

__all__ = ["Story", "plain_story", "written_as"]
