"""What holds for every operation and no view says by itself: the key that makes a write happen once, and the shape of errors."""

from typing import Any

from vos.api.idempotency import LONGEST_KEY, WRITES

PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). The detail says what happened and what to do; errors name fields.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"description": "What was wrong, by field or as a list."},
    },
    "required": ["type", "title", "status", "detail"],
}
REFUSED = {
    "description": "Refused; nothing changed.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "The same request with the same key happens once: a repetition gets the first answer, with Idempotent-Replay.",
}


def describe_every_operation(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's hook: add the refusal to each operation, and the key to each write."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            operation["responses"].setdefault("4XX", REFUSED)
            if method.upper() in WRITES:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return result
