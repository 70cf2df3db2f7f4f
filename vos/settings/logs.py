"""Logs: one JSON object a line, with request, tenant and trace; for people, ``VOS_LOG_FORMAT=console``."""

from typing import Any

import structlog

from vos.settings.environment import environment
from vos.telemetry.logs import add_trace, redact

_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    add_trace,
    redact,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_last: list[Any] = (
    [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if environment.vos_log_format == "json"
    else [structlog.dev.ConsoleRenderer()]
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "vos": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "vos"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "LiteLLM": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
