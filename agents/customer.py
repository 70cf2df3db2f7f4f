"""What agents read of a customer: the documents as discovery wants them, and the pack that applies. Reads only."""

from collections.abc import Iterable, Mapping
from typing import Any

from kernel.llm.sensitivity import Sensitivity, most_sensitive
from kernel.storage.services import blob_get
from tenants.actors import Actor
from valuefabric.domain.discovery import Discovery, EvidenceItem, SuspiciousSentence, default_embedder, discover
from valuefabric.domain.evidence import read_document
from valuefabric.domain.packs import Pack
from valuefabric.governance.selectors import pack_current
from valuefabric.models import Customer, Hypothesis
from valuefabric.models.states import HypothesisState
from valuefabric.selectors.customers import customers_visible_to


class NothingToRead(ValueError):
    """The customer has no evidence yet; add notes, a record or a sheet first."""


def customer_of(actor: Actor, inputs: Mapping[str, Any]) -> Customer:
    """The run's customer, if the actor may see it. Raises Customer.DoesNotExist."""
    customer: Customer = customers_visible_to(actor).get(public_id=inputs["customer"])
    return customer


def pack_of(inputs: Mapping[str, Any]) -> Pack:
    """The pack that the run names, at its current version."""
    return pack_current(inputs["pack"])


def evidence_items(customer: Customer) -> list[EvidenceItem]:
    """The customer's documents in the order they came. Raises NothingToRead."""
    rows = customer.evidence.order_by("added_at", "id")
    items = [EvidenceItem(str(row.public_id), read_document(row.filename, blob_get(row.blob))) for row in rows]
    if not items:
        raise NothingToRead(f"{customer.name} has no evidence yet. Add call notes, a CRM record or a sheet of drivers first.")
    return items


def document_titles(customer: Customer) -> dict[str, str]:
    """The names of the customer's documents by the reference that findings cite."""
    return {str(public_id): filename for public_id, filename in customer.evidence.values_list("public_id", "filename")}


def sensitivity_of(customer: Customer) -> Sensitivity:
    """How sensitive a text is that was made of the customer's documents: as the most sensitive of them."""
    return most_sensitive(customer.evidence.values_list("classification", flat=True))


def discovered(customer: Customer, pack: Pack) -> Discovery:
    """What the deterministic method finds in the customer's documents, without the drivers that people refused."""
    found = discover(evidence_items(customer), pack, embedder=default_embedder())
    refused = refused_drivers(customer)
    return found.model_copy(update={"hypotheses": tuple(h for h in found.hypotheses if h.driver not in refused)})


def words_for_a_model(item: EvidenceItem, suspicious: Iterable[SuspiciousSentence]) -> str:
    """A document's text without the sentences that address the software: nobody is asked about those, or may quote them."""
    text = item.document.text
    places = {(found.citation.start, found.citation.end) for found in suspicious if found.citation.reference == item.reference}
    for start, end in sorted(places, reverse=True):
        text = f"{text[:start]}[left out]{text[end:]}"
    return text


def refused_drivers(customer: Customer) -> frozenset[str]:
    """Drivers whose hypothesis a person refused in an opportunity that still stands."""
    rows = Hypothesis.objects.filter(
        opportunity__customer=customer, opportunity__withdrawn_at=None, state=HypothesisState.REFUSED
    )
    return frozenset(rows.values_list("driver_key", flat=True))
