from decimal import Decimal

import pytest
from pydantic import BaseModel, ConfigDict

from kernel.llm.backoff import LONGEST_SECONDS, backoff_seconds
from kernel.llm.messages import Message, tokens_at_most
from kernel.llm.typed import DoesNotFit, Form, response_format, with_complaint, with_schema


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    share: Decimal


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "Renewals", "share": "0.222"}',
        '```json\n{"title": "Renewals", "share": "0.222"}\n```',
        'Here it is: {"title": "Renewals", "share": "0.222"} I hope it helps.',
    ],
)
def test_parsed_output_takes_the_object(text: str) -> None:
    assert Form.of(Claim).parsed(text) == Claim(title="Renewals", share=Decimal("0.222"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no object at all", "no JSON object"),
        ('{"title": "Renewals", "share": ', "malformed"),
        ('{"title": "Renewals"}', "share: Field required"),
        ('{"title": "Renewals", "share": "many"}', "share"),
        ('{"title": "R", "share": "1", "invented": 3}', "invented"),
        ("", "no JSON object"),
    ],
)
def test_parsed_output_says_what_does_not_fit(text: str, complaint: str) -> None:
    with pytest.raises(DoesNotFit, match=complaint):
        Form.of(Claim).parsed(text)


def test_with_schema_puts_the_schema_before_the_conversation() -> None:
    messages = with_schema([Message(role="user", content="Go.")], Form.of(Claim))
    assert [m["role"] for m in messages] == ["system", "user"]
    assert '"share"' in messages[0]["content"]


def test_with_complaint_quotes_the_answer_within_bounds() -> None:
    messages = with_complaint([], "x" * 10_000, "Too long.")
    assert len(messages[0]["content"]) == 4000
    assert "Too long." in messages[1]["content"]


def test_response_format_by_what_the_deployment_understands() -> None:
    assert response_format(Form.of(Claim), "json_schema")["json_schema"]["name"] == "Claim"  # type: ignore[index]
    assert response_format(Form.of(Claim), "json_object") == {"type": "json_object"}
    assert response_format(Form.of(Claim), "text") is None


def test_tokens_at_most_counts_bytes_and_frames() -> None:
    assert tokens_at_most([Message(role="user", content="x" * 300), Message(role="user", content="é" * 3)]) == 118


def test_backoff_doubles_under_full_jitter() -> None:
    assert [backoff_seconds(n, retry_after=None, random=lambda: 1.0) for n in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, LONGEST_SECONDS]
    assert backoff_seconds(3, retry_after=None, random=lambda: 0.0) == 0.0


def test_backoff_never_calls_before_the_provider_wishes() -> None:
    assert backoff_seconds(1, retry_after=3.0, random=lambda: 0.0) == 3.0


def test_backoff_gives_up_the_worker_when_the_wish_is_too_long() -> None:
    assert backoff_seconds(1, retry_after=LONGEST_SECONDS + 1, random=lambda: 0.0) is None
