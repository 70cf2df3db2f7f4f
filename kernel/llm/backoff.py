"""When to call again after a failure: exponential backoff with full jitter, or when the provider says.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from collections.abc import Callable

BASE_SECONDS = 0.5
LONGEST_SECONDS = 20.0


def backoff_seconds(failures: int, *, retry_after: float | None, random: Callable[[], float]) -> float | None:
    """How long to pause after ``failures`` failed calls (1 or more); None if it is too long to hold a worker for.

    ``random`` gives numbers in [0, 1). A provider's own wish is a lower bound; a little is added, so that not all return at once.
    """
    jittered: float = random() * min(BASE_SECONDS * 2.0 ** (failures - 1), LONGEST_SECONDS)
    if retry_after is None:
        return jittered
    return None if retry_after > LONGEST_SECONDS else retry_after + min(jittered, BASE_SECONDS)
