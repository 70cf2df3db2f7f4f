"""Processors of log records: the trace they belong to, and no secrets."""

import re
from collections.abc import MutableMapping
from typing import Any

from kernel.tracing import trace_id

_SECRET_NAME = re.compile(r"password|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"(sk-[A-Za-z0-9_-]{8,}|Bearer\s+\S+|postgres(?:ql)?://[^:/\s]+:)[^@\s]*")

type Record = MutableMapping[str, Any]


def add_trace(_logger: Any, _method: str, record: Record) -> Record:
    """Add the current trace's id, so that logs and traces find each other."""
    if current := trace_id():
        record["trace_id"] = current
    return record


def redact(_logger: Any, _method: str, record: Record) -> Record:
    """Blank values whose name or shape is a secret's."""
    for key, value in record.items():
        if _SECRET_NAME.search(key) and not isinstance(value, int | float | bool):
            record[key] = "[redacted]"
        elif isinstance(value, str):
            record[key] = _SECRET_TEXT.sub("[redacted]", value)
    return record
