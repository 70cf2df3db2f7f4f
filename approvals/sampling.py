"""Which deeds done by rule are put up for review: by hash, so that asking again draws no other lot."""

import hashlib
import hmac

from approvals.models import ApprovalRequest
from approvals.terms import Terms
from kernel.signing import secret_for

_PARTS = 10_000


def is_sampled(request: ApprovalRequest, terms: Terms) -> bool:
    """Whether the request is one of the ``sample_percent``.

    The hash is keyed with a secret of this installation: whoever asks cannot word a case so that nobody looks at it.
    """
    text = f"{request.action}|{request.subject}|{request.content_hash}|{request.arguments_hash}"
    digest = hmac.digest(secret_for("approvals.sampling"), text.encode(), hashlib.sha256)
    return int.from_bytes(digest[:8]) % _PARTS < terms.sample_percent * _PARTS // 100
