"""The OpenTelemetry trace that work belongs to, carried through rows so that it survives queue and worker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace


def trace_context() -> dict[str, str]:
    """The current trace as W3C headers (``traceparent``), to be stored beside work that runs later; empty without a trace."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier


def trace_id() -> str:
    """The current trace's id as 32 hex digits, or an empty string."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""


@contextmanager
def continued_trace(carrier: Mapping[str, str], name: str, **attributes: str) -> Iterator[None]:
    """Run the block as a span ``name`` of the trace that ``carrier`` holds (a new trace if it holds none)."""
    tracer = trace.get_tracer("vos")
    with tracer.start_as_current_span(name, context=propagate.extract(dict(carrier)), attributes=attributes):
        yield
