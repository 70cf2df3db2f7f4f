"""The environment variables VOS reads, with types. A wrong value stops the process with a message that names the variable.

Production (``VOS_ENV=production``) starts only when everything that development has an insecure default for is given.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

INSECURE = "insecure-development-only"
_KEYS = ("secret_key", "vos_stamp_key", "vos_capability_key", "vos_push_key")
# 32 characters of a base64 text are 192 bits. A shorter secret, as development's above, is a word that somebody thought of.
_KEY_LENGTH = 32
# Servers without a password: anybody on the machine is let in.
_SERVERS = {"database_url": "postgresql://vos@127.0.0.1:5432/vos", "redis_url": "redis://127.0.0.1:6379/0"}


class Environment(BaseSettings):
    """Every variable, its type and its default; ``.env.example`` describes them to people."""

    # A refusal names the variable and never shows what is in it: that may be a secret.
    model_config = SettingsConfigDict(env_file=None, extra="ignore", case_sensitive=False, hide_input_in_errors=True)

    vos_env: Literal["development", "test", "production"] = "development"
    vos_demo: bool = False
    vos_debug: bool = False
    secret_key: str = INSECURE
    database_url: str = _SERVERS["database_url"]
    redis_url: str = _SERVERS["redis_url"]
    vos_database_pool: bool = False
    vos_public_host: str = "localhost"
    vos_port: int = Field(default=8000, ge=1, le=65535)
    vos_socket_port: int = Field(default=8001, ge=1, le=65535)
    vos_data: Path = Path(".data")
    vos_stamp_key: str = INSECURE
    vos_capability_key: str = INSECURE
    vos_push_key: str = INSECURE
    vos_push_hosts: str = ""
    vos_mail_backend: str = "django.core.mail.backends.console.EmailBackend"
    vos_mail_options: dict[str, Any] = {}
    vos_mail_from: str = "VOS <vos@localhost>"
    vos_log_format: Literal["json", "console"] = "json"
    vos_behind_tls: bool = False
    vos_stops_seconds: float | None = Field(default=None, ge=0.05, le=0.3)
    vos_release_asked_hours: int = Field(default=24, ge=1, le=720)

    @model_validator(mode="after")
    def _production_is_secure(self) -> Self:
        if self.vos_env == "production" and (insecure := self._insecure()):
            raise ValueError(
                f"production refuses the insecure values of: {', '.join(n.upper() for n in insecure)} "
                f"(a secret has at least {_KEY_LENGTH} characters and serves one purpose)"
            )
        return self

    def _insecure(self) -> list[str]:
        """The variables that production must not run with as they are."""
        keys = [getattr(self, name) for name in _KEYS]
        insecure = [name for name, key in zip(_KEYS, keys, strict=True) if len(key) < _KEY_LENGTH or keys.count(key) > 1]
        insecure += [name for name, default in _SERVERS.items() if getattr(self, name) in ("", default)]
        insecure += [name for name in ("vos_debug", "vos_demo") if getattr(self, name)]
        return insecure if self.vos_behind_tls else [*insecure, "vos_behind_tls"]


environment = Environment()
