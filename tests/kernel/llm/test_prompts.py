"""Prompts as versioned templates."""

import pytest
from django_tenants.utils import schema_context

from kernel.audit.models import AuditRecord
from kernel.llm.models import PromptVersion
from kernel.llm.prompt_versions import prompt_register
from kernel.llm.prompts import PromptError, Rendered, prompt_load

TEXT = """---
name: greeting
version: 2
owner: Value engineering
variables: [who]
tests:
  - name: says hello
    given: {who: Ada}
    holds: [Hello Ada]
    lacks: [$who]
    most_tokens: 20
---
Hello $who, that is $$5.
"""


def test_a_prompt_is_rendered_with_its_variables_and_names_its_version() -> None:
    prompt = prompt_load(TEXT)
    assert prompt.rendered(who="$who & Co.") == Rendered("Hello $who & Co., that is $5.\n", "greeting@2")
    assert (prompt.head.owner, list(prompt.failures())) == ("Value engineering", [])


@pytest.mark.parametrize("variables", [{}, {"who": "Ada", "extra": "x"}, {"whom": "Ada"}])
def test_a_missing_or_foreign_variable_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(PromptError, match="greeting@2 takes who"):
        prompt_load(TEXT).rendered(**variables)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("---\nname", "name", "must begin with its head"),
        ("name: greeting", "name: [", "not valid YAML"),
        ("version: 2", "version: 0", "version"),
        ("owner: Value engineering", "owner: ''", "owner"),
        ("variables: [who]", "variables: [who, when]", "must give exactly"),
        ("Hello $who", "Hello $whom", "its text has the variables whom"),
        ("Hello $who", "Hello $who and $", "its text has the variables"),
        ("    lacks", "    contains", "Extra inputs"),
    ],
    ids=["no-head", "yaml", "version", "owner", "tests-give-less", "other-variable", "bare-dollar", "unknown-field"],
)
def test_a_prompt_that_is_not_right_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(PromptError, match=says):
        prompt_load(TEXT.replace(old, new, 1))


def test_a_prompts_tests_say_what_is_wrong() -> None:
    text = TEXT.replace("[Hello Ada]", "[Goodbye]").replace("[$who]", "[Ada]").replace("most_tokens: 20", "most_tokens: 1")
    assert list(prompt_load(text).failures()) == [
        "greeting@2, says hello: does not hold 'Goodbye'",
        "greeting@2, says hello: holds 'Ada'",
        "greeting@2, says hello: has up to 15 tokens, 1 are allowed",
    ]


def test_a_version_is_written_once(db: None) -> None:
    with schema_context("public"):
        row = prompt_register(prompt=prompt_load(TEXT), actor="system")
        assert prompt_register(prompt=prompt_load(TEXT.replace("says hello", "greets")), actor="system") == row
        with pytest.raises(PromptError, match="give it the next version"):
            prompt_register(prompt=prompt_load(TEXT.replace("Hello", "Hi").replace("[Hi", "[Hello")), actor="system")
        assert PromptVersion.objects.get().text == "Hello $who, that is $$5.\n"
        assert AuditRecord.objects.filter(action="prompt.register").count() == 1
