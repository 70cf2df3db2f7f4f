"""The published schema is that of the code, and takes what the code takes."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from workflows.definition.schema import definition_schema, schema_text

ROOT = Path(__file__).parents[3]
WRITTEN = [file for file in files("workflows.definitions").iterdir() if file.name.endswith(".yaml")]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = definition_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_published_schema_is_that_of_the_code() -> None:
    published = (ROOT / "static/schemas/vos.workflow.1.json").read_text()
    assert published == schema_text(), "Write it anew: manage.py workflow schema > static/schemas/vos.workflow.1.json"


@pytest.mark.parametrize("name", sorted(file.name for file in WRITTEN))
def test_schema_takes_every_definition_of_the_product(validator: jsonschema.Draft202012Validator, name: str) -> None:
    text = next(file for file in WRITTEN if file.name == name).read_text()
    assert list(validator.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"version": "one"},
        {"steps": {}},
        {"steps": {"a": {"kind": "robot"}}},
        {"steps": {"a": {"kind": "pattern", "pattern": "consensus", "wiht": {}}}},
        {"compose": ["document.extract"]},
    ],
    ids=str,
)
def test_schema_refuses(validator: jsonschema.Draft202012Validator, change: dict[str, Any]) -> None:
    good = {
        "format": "vos.workflow/1",
        "name": "a",
        "version": "1.0.0",
        "title": "A",
        "steps": {"a": {"kind": "wait", "seconds": 1}},
    }
    assert list(validator.iter_errors(good)) == []
    assert list(validator.iter_errors(good | change)) != []
