import json

import pytest
from pydantic import ValidationError

from tests.factories.valuefabric import published_document
from valuefabric.models import ModelVersion
from valuefabric.selectors.documents import document_of, document_plain


@pytest.fixture
def version() -> ModelVersion:
    """A version as it lies in its row."""
    return ModelVersion(document=json.loads(json.dumps(document_plain(published_document()))))


def test_same_content_is_the_same_document(version: ModelVersion) -> None:
    again = ModelVersion(document=json.loads(json.dumps(version.document)))

    assert document_of(version) == published_document()
    assert document_of(again) is document_of(version)


def test_column_that_says_something_else_is_read_anew(version: ModelVersion) -> None:
    before = document_of(version)

    version.document["rows"][0]["label"] = "Something else"

    assert document_of(version).rows[0].label == "Something else"
    assert before.rows[0].label == published_document().rows[0].label


def test_attack_figures_put_into_the_column_are_checked_also_after_the_honest_ones(version: ModelVersion) -> None:
    document_of(version)

    version.document["rows"][0]["values"] = ["1e999999999"]

    with pytest.raises(ValidationError):
        document_of(version)
