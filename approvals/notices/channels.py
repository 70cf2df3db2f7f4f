"""What a channel says when it could not deliver."""


class Undeliverable(Exception):
    """It did not arrive. ``retry``: it may later, after ``after_seconds`` if told. ``gone``: nobody is there."""

    def __init__(self, why: str, *, retry: bool = True, gone: bool = False, after_seconds: int | None = None) -> None:
        self.retry, self.gone, self.after_seconds = retry and not gone, gone, after_seconds
        super().__init__(why)
