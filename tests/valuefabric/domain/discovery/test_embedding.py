"""The offline model embeds as its authors' does, loads only when used, and can be absent."""

import subprocess
import sys

import pytest

from valuefabric.domain.discovery import MiniLmEmbedder, default_embedder, discover
from valuefabric.domain.discovery.embedding import cosine


def test_vectors_are_normal_and_near_in_meaning():
    margin, profit, ticket = MiniLmEmbedder().embed(
        ["operating margin", "operating profit as a share of revenue", "a support ticket"]
    )

    assert len(margin) == 384
    assert cosine(margin, margin) == pytest.approx(1)
    assert cosine(margin, profit) > cosine(margin, ticket) + 0.3


def test_vector_does_not_depend_on_its_batch():
    embedder = MiniLmEmbedder()
    alone = embedder.embed(["took at least one course"])[0]
    batch = embedder.embed(["took at least one course", "a much longer sentence about something that is quite different " * 3])[0]

    assert cosine(alone, batch) > 0.99


def test_default_embedder_is_one_object():
    assert default_embedder() is default_embedder()


def test_importing_discovery_loads_no_model_library():
    code = (
        "import sys, valuefabric.domain.discovery; print([m for m in ('onnxruntime', 'tokenizers', 'numpy') if m in sys.modules])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_meaning_finds_what_no_keyword_does(texts, education):
    notes = "Profitability before interest runs at 12% of sales."

    assert discover(texts(notes=notes), education).assumption("operating_margin") is None
    found = discover(texts(notes=notes), education, embedder=default_embedder())
    assert str(found.assumption("operating_margin").values[0]) == "0.12"
