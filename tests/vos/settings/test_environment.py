"""Settings fail loudly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from vos.settings.environment import Environment

SECURE = {
    "vos_env": "production",
    "secret_key": "a" * 50,
    "vos_stamp_key": "b" * 50,
    "vos_capability_key": "c" * 50,
    "vos_push_key": "d" * 50,
    "database_url": "postgresql://vos:secret@db.example/vos",
    "redis_url": "rediss://:secret@cache.example/0",
    "vos_behind_tls": True,
}
KEYS = ["secret_key", "vos_stamp_key", "vos_capability_key", "vos_push_key"]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_production_starts_when_everything_is_given() -> None:
    assert Environment(**SECURE).vos_env == "production"


@pytest.mark.parametrize("missing", [*KEYS, "database_url", "redis_url", "vos_behind_tls"])
def test_production_refuses_insecure_defaults(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing.upper()):
        Environment(**{key: value for key, value in SECURE.items() if key != missing})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("secret", ["", "changeme", "insecure-development-only", "a" * 31])
def test_production_refuses_a_short_secret(key: str, secret: str) -> None:
    with pytest.raises(ValidationError, match=f"insecure values of: {key.upper()} "):
        Environment(**SECURE | {key: secret})


def test_production_refuses_one_secret_for_two_purposes() -> None:
    with pytest.raises(ValidationError, match="insecure values of: VOS_STAMP_KEY, VOS_PUSH_KEY "):
        Environment(**SECURE | {"vos_push_key": SECURE["vos_stamp_key"]})


@pytest.mark.parametrize("server", ["database_url", "redis_url"])
def test_production_refuses_an_empty_address_of_a_server(server: str) -> None:
    with pytest.raises(ValidationError, match=server.upper()):
        Environment(**SECURE | {server: ""})


def test_a_refusal_shows_no_secret() -> None:
    with pytest.raises(ValidationError) as refusal:
        Environment(vos_env="production", vos_push_key="hush")
    assert "VOS_PUSH_KEY" in str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("switch", ["vos_debug", "vos_demo"])
def test_production_refuses_debug_and_demo(switch: str) -> None:
    with pytest.raises(ValidationError, match=switch.upper()):
        Environment(**SECURE, **{switch: True})


def test_wrong_type_names_the_variable() -> None:
    with pytest.raises(ValidationError, match="vos_port"):
        Environment(vos_port="eight thousand")


def test_a_process_does_not_start_with_production_defaults() -> None:
    environment = {**os.environ, "VOS_ENV": "production", "DJANGO_SETTINGS_MODULE": "vos.settings"}
    run = subprocess.run(
        [sys.executable, "-c", "import vos.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert run.returncode != 0
    assert "SECRET_KEY" in run.stderr


def test_what_else_the_databases_address_asks_for_holds_for_every_connection() -> None:
    address = "postgresql://vos:secret@db.example:6432/vos?sslmode=verify-full&sslrootcert=/ca.pem"
    script = "from vos.settings import DATABASES as d; o = d['default']; print(o['HOST'], o['PORT'], o['OPTIONS'])"
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.startswith("db.example 6432 {'sslmode': 'verify-full', 'sslrootcert': '/ca.pem', ")
