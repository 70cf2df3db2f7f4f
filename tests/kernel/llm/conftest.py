"""A configured deployment that leads to the fake provider."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django_tenants.utils import schema_context

from kernel.llm.models import ModelDeployment, ModelPrice
from tests.fakes.openai_server import OpenAIServer

PRICES = {"prompt": 1, "completion": 10}
EARLY = datetime(2020, 1, 1, tzinfo=UTC)

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
            "max_output_tokens": 100,
            "timeout_seconds": 5,
        }
        prices = {name: changes.pop(name) for name in (*PRICES, "cached_prompt", "reasoning") if name in changes}
        with schema_context("public"):
            deployment = ModelDeployment.objects.create(**(values | changes))
            ModelPrice.objects.create(deployment=deployment, valid_from=EARLY, **(PRICES | prices))
        return deployment

    return make
