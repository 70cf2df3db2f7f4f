"""Where a figure of the document leads: inside the workspace to its source, for the customer to a place of the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from valuefabric.models import Customer
from valuefabric.selectors.case_pages import CasePage, SourcePlace
from vos.web.presenters.cases_notes import Notes
from vos.web.presenters.documents import evidence_url
from vos.web.presenters.models_sheet import source_url


@dataclass(frozen=True)
class Target:
    """An address; ``drawer`` is what a script fetches into the source drawer, empty for a plain link."""

    href: str
    drawer: str = ""


class Links(Protocol):
    """How figures and quotations of a document are linked."""

    def cell(self, name: str) -> Target:
        """Where a model's cell leads."""

    def quote(self, place: SourcePlace) -> Target:
        """Where quoted words lead."""


class WorkspaceLinks:
    """For members: every figure opens its source, every quotation its document."""

    def __init__(self, page: CasePage, customer: Customer) -> None:
        self._customer, self._version = customer, page.version.model_version.public_id

    def cell(self, name: str) -> Target:
        """The source drawer of this version's cell."""
        url = source_url(self._customer, name, self._version)
        return Target(url, url)

    def quote(self, place: SourcePlace) -> Target:
        """The document, at the quotation."""
        url = evidence_url(self._customer, place.evidence.public_id, (place.start, place.end))
        return Target(url, url.partition("#")[0])


class DocumentLinks:
    """For the customer: nothing leads out of the document; figures stand at its end with how they are computed."""

    _WHOLE: Mapping[str, str] = {"measure": "#measures", "driver": "#measures", "convention": "#conventions"}

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def cell(self, name: str) -> Target:
        """The figure's line at the document's end."""
        head = name.rpartition(":")[2].partition(".")[0]
        return Target(self._WHOLE.get(head, f"#figure-{head}"))

    def quote(self, place: SourcePlace) -> Target:
        """The side note of the quotation."""
        return Target(f"#note-{self._notes.number(place)}")
