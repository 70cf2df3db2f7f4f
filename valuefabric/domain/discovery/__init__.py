"""Finding what a customer said that moves value: deterministic, offline, each finding with its quotation."""

from valuefabric.domain.discovery.discover import EvidenceItem, discover
from valuefabric.domain.discovery.embedding import Embedder, MiniLmEmbedder, default_embedder
from valuefabric.domain.discovery.findings import (
    ApprovalNeed,
    Assumption,
    Citation,
    Conflict,
    Convention,
    Discovery,
    Exclusion,
    ForbiddenSentence,
    Hypothesis,
    Owner,
    Pain,
    Persona,
    SuspiciousSentence,
)
from valuefabric.domain.discovery.people import personas
from valuefabric.domain.discovery.quantities import Quantity, quantities
from valuefabric.domain.discovery.suspicion import suspicion_of

__all__ = [
    "ApprovalNeed",
    "Assumption",
    "Citation",
    "Conflict",
    "Convention",
    "Discovery",
    "Embedder",
    "EvidenceItem",
    "Exclusion",
    "ForbiddenSentence",
    "Hypothesis",
    "MiniLmEmbedder",
    "Owner",
    "Pain",
    "Persona",
    "Quantity",
    "SuspiciousSentence",
    "default_embedder",
    "discover",
    "personas",
    "quantities",
    "suspicion_of",
]
