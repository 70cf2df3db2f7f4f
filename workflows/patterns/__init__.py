"""The eight patterns: graphs with holes that definitions fill with steps, workflows, or other patterns."""

from workflows.patterns.document import Parameter, Pattern
from workflows.patterns.library import UnknownPattern, pattern_named, patterns

__all__ = ["Parameter", "Pattern", "UnknownPattern", "pattern_named", "patterns"]
