"""A configured deployment that leads to the fake provider."""

from collections.abc import Callable
from typing import Any

import pytest
from django_tenants.utils import schema_context

from kernel.llm.models import ModelDeployment
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture
def make_deployment(openai_server: OpenAIServer, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> MakeDeployment:
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    monkeypatch.setenv("FAKE_API_KEY", "sk-fake-secret")

    def make(**changes: Any) -> ModelDeployment:
        values: dict[str, Any] = {
            "name": "fake",
            "model": "openai/fake",
            "api_base": openai_server.url,
            "api_key_variable": "FAKE_API_KEY",
            "price_in_per_million": 1,
            "price_out_per_million": 10,
            "max_output_tokens": 100,
            "timeout_seconds": 5,
        }
        with schema_context("public"):
            return ModelDeployment.objects.create(**(values | changes))

    return make
