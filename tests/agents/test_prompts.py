"""The catalogue's prompts: their tests hold, and the version that ran is on every call."""

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from agents.prompts import agent_prompt, catalog_prompts
from agents.registry.services import prompts_register
from kernel.llm.models import PromptVersion
from kernel.llm.prompts import Prompt, PromptError


@pytest.mark.parametrize("prompt", catalog_prompts(), ids=lambda prompt: prompt.head.name)
def test_the_catalogues_prompts_pass_their_own_tests(prompt: Prompt) -> None:
    assert list(prompt.failures()) == []


def test_a_prompt_that_is_not_there_is_an_error() -> None:
    with pytest.raises(PromptError, match="no prompt 'nothing'"):
        agent_prompt("target", "nothing")


def test_check_passes_and_finds_a_text_that_changed_under_its_version(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prompts", "check")
    assert "target@1, of Value engineering: 1 tests" in capsys.readouterr().out
    with schema_context("public"):
        prompts_register(actor="system")
        PromptVersion.objects.filter(name="target").update(sha256="0" * 64)
    with pytest.raises(CommandError, match="target@1 is registered with another text"):
        call_command("prompts", "check")
    with pytest.raises(CommandError, match="give it the next version"):
        call_command("prompts", "register")
