"""Packs and documents for discovery."""

from pathlib import Path

import pytest

from valuefabric.domain.discovery import EvidenceItem, default_embedder, discover
from valuefabric.domain.evidence import read_document
from valuefabric.domain.packs import load_pack

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "valuefabric" / "data"


@pytest.fixture(scope="session")
def education():
    """The customer education pack."""
    return load_pack((ROOT / "valuefabric" / "packs" / "customer_education.yaml").read_text())


@pytest.fixture(scope="session")
def support():
    """A pack for support automation, written for these tests."""
    return load_pack((DATA / "packs" / "support_automation.yaml").read_text())


@pytest.fixture(scope="session")
def security():
    """A pack for incident response, written for these tests."""
    return load_pack((DATA / "packs" / "security.yaml").read_text())


@pytest.fixture(scope="session")
def files():
    """Items out of file names below the data folder."""

    def load(*names):
        return [EvidenceItem(Path(name).name, read_document(name, (DATA / name).read_bytes())) for name in names]

    return load


@pytest.fixture(scope="session")
def texts():
    """Items out of texts by name."""

    def load(**contents):
        return [EvidenceItem(name, read_document(name, content.encode())) for name, content in contents.items()]

    return load


@pytest.fixture(scope="session", params=["keywords", "keywords and embedding"])
def embedder(request):
    """Without and with the offline model: both methods must find the same."""
    return default_embedder() if "embedding" in request.param else None


@pytest.fixture(scope="session")
def intellum(education, files, embedder):
    """What discovery finds in the published case's documents."""
    names = ("call_notes.md", "crm_record.json", "drivers.csv")
    return discover(files(*(f"intellum_discovery/{name}" for name in names)), education, embedder=embedder)
