"""Topics that a definition may emit. Listeners to any other take it for a statement of the product, so those are refused."""

_topics: set[str] = set()


def register_emittable(topic: str) -> None:
    """Let definitions emit ``topic``."""
    _topics.add(topic)


def emittable_topics() -> list[str]:
    """All of them, sorted."""
    return sorted(_topics)
