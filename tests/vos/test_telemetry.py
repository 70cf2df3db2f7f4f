"""No secrets in logs."""

from vos.telemetry.logs import redact


def test_secret_by_name_is_blanked() -> None:
    record = redact(None, "info", {"event": "call", "api_key": "sk-live-12345678", "tokens": 12, "Authorization": "Basic x"})
    assert record == {"event": "call", "api_key": "[redacted]", "tokens": 12, "Authorization": "[redacted]"}


def test_secret_by_shape_is_blanked() -> None:
    record = redact(None, "info", {"event": "connect postgresql://vos:hunter2@db/vos with sk-abcdefgh1234"})
    assert "hunter2" not in record["event"]
    assert "sk-abcdefgh1234" not in record["event"]
