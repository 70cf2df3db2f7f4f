"""OpenTelemetry traces across web, outbox, worker and agents. Without ``OTEL_EXPORTER_OTLP_ENDPOINT`` nothing is exported."""

import os


def set_up_tracing(service: str) -> None:
    """Instrument this process as ``vos-<service>``. Does nothing, and imports nothing heavy, unless an exporter is configured."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from opentelemetry import trace  # the SDK and its exporters cost start-up time that only a traced process should pay
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"vos-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _instrument()


def _instrument() -> None:
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # see above
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor

    DjangoInstrumentor().instrument()
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().instrument()
