"""Typed output where the form is a JSON schema, and what ends the repairs."""

from collections.abc import Callable
from typing import Any

import pytest

from kernel.llm.errors import ModelRefused, OutputInvalid, OutputTruncated, StreamCut
from kernel.llm.models import ModelDeployment
from kernel.llm.services import complete
from kernel.llm.typed import DoesNotFit, Form
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

SCHEMA: dict[str, Any] = {
    "title": "A claim!",
    "type": "object",
    "properties": {"title": {"type": "string"}, "share": {"type": "number", "maximum": 1}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.fixture
def model(make_deployment: Callable[..., ModelDeployment], in_acme: Tenant) -> ModelDeployment:
    return make_deployment()


def test_a_json_schema_gives_a_dict_and_goes_to_the_provider(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    openai_server.will(fake.typed({"title": "Renewals", "share": 0.2}))
    assert complete(prompt="Find a claim.", schema=SCHEMA).parsed == {"title": "Renewals", "share": 0.2}
    wanted = openai_server.requests[0].body["response_format"]["json_schema"]
    assert (wanted["name"], wanted["schema"]) == ("A_claim_", SCHEMA)


def test_the_model_is_told_what_does_not_fit_a_json_schema(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    openai_server.will(fake.typed({"share": 7, "more": 1}), fake.typed({"title": "Renewals"}))
    assert complete(prompt="Find a claim.", schema=SCHEMA).attempts == 2
    complaint = openai_server.requests[1].body["messages"][-1]["content"]
    assert all(part in complaint for part in ("'title' is a required property", "7 is greater than the maximum", "'more'"))


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (fake.Refuse(), ModelRefused),
        (fake.ContentFilter(), ModelRefused),
        (fake.Answer('{"title": "Ren', finish_reason="length"), OutputTruncated),
        (fake.CutStream('{"title": "Renewals"}'), StreamCut),
        (fake.CutStream('{"title": "Renewals"}', cleanly=True), StreamCut),
    ],
    ids=["refused", "filtered", "too-long", "cut", "cut-politely"],
)
def test_what_no_complaint_would_mend_ends_the_repairs(
    model: ModelDeployment, openai_server: OpenAIServer, behaviour: fake.Behaviour, error: type[Exception]
) -> None:
    openai_server.will(fake.typed({"share": 7}), behaviour)
    with pytest.raises(error):
        complete(prompt="Find a claim.", schema=SCHEMA, on_delta=lambda _: None)
    assert len(openai_server.requests) == 2


def test_repairs_are_bounded(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = fake.typed({"share": 7})
    with pytest.raises(OutputInvalid, match="A_claim_ in 3 tries"):
        complete(prompt="Find a claim.", schema=SCHEMA)
    assert len(openai_server.requests) == 3


@pytest.mark.parametrize("schema", [{"type": "array"}, {"type": "objekt"}, {"title": "nothing"}])
def test_a_form_that_is_no_object_is_an_error_of_the_caller(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted form"):
        Form.of(schema)


def test_a_schemas_reference_makes_nobody_fetch_an_address(openai_server: OpenAIServer) -> None:
    with pytest.raises(ValueError, match="does not stand in it"):
        Form.of({"type": "object", "properties": {"title": {"$ref": f"{openai_server.url}/models"}}})
    own = {"type": "object", "properties": {"title": {"$ref": "#/$defs/word"}}, "$defs": {"word": {"type": "string"}}}
    with pytest.raises(DoesNotFit, match="title: 7 is not of type 'string'"):
        Form.of(own).parsed('{"title": 7}')
    assert openai_server.requests == []
