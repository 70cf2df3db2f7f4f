"""Where in a document something is wrong."""

from dataclasses import dataclass

type Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where in the document: ``("steps", "target", "next")``."""

    path: Path
    message: str
