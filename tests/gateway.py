"""That no model is configured, known to this process and not asked of the database by each page, as outside of tests."""

import time
from collections.abc import Iterator

import pytest
from django.test import override_settings

from kernel.llm import catalogue
from kernel.llm.catalogue import Catalogue
from kernel.llm.models import Residency

__all__ = ["no_models"]

_SCHEMAS = ("public", "acme", "globex")


@pytest.fixture(scope="module", autouse=True)
def no_models() -> Iterator[None]:
    """For as long as the file runs; a conftest whose tests configure no model imports it."""
    catalogue.forget()
    for schema in _SCHEMAS:
        catalogue._read[schema] = (time.monotonic(), _nothing(schema))
    with override_settings(VOS_GATEWAY_CATALOGUE_SECONDS=3600):
        yield
    catalogue.forget()


def _nothing(schema: str) -> Catalogue:
    """What is read of empty tables."""
    made = Catalogue(schema)
    made.__dict__ |= {"deployments": [], "policies": {}, "routes": {}, "limits": {}, "weights": {}, "prices": []}
    made.__dict__ |= {"residency": Residency(schema_name=schema)}
    return made
