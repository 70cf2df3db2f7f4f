"""What a case's record is made of: plain values, so that the page, the JSON and the CSV say the same."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What checking a hash or a signature just now said. ``open``: nothing can be said yet."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"


class Line(BaseModel):
    """One line of a record."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Version(Line):
    """One version of the case, and of the model under it. ``verdict``: whether its rows still have its hash."""

    number: int
    at: datetime
    by: str
    reason: str
    content_hash: str
    model_version: int
    model_hash: str
    verdict: Verdict


class Stage(Line):
    """One stage of the chain that was asked."""

    number: int
    title: str
    asked: str
    needed: int


class Ballot(Line):
    """One vote. ``verdict`` is of its signature: ``open`` where it bears none."""

    stage: int
    stage_title: str
    voter: str
    name: str
    role: str
    on_behalf_of: str
    decision: str
    reason: str
    second_factor: str
    content_hash: str
    at: datetime
    key_id: str
    verdict: Verdict


class Reviewed(Line):
    """What somebody said of a deed that no vote preceded."""

    name: str
    on_behalf_of: str
    outcome: str
    reason: str
    at: datetime
    verdict: Verdict


class Asked(Line):
    """One request for approval, with the policy as it decided then; ``problems`` says what of its votes proves nothing.

    ``deed`` is the action's title, ``arguments`` what it was to be done with, such as for whom a link is.
    """

    id: str
    action: str
    deed: str
    arguments: dict[str, Any]
    version: int | None
    content_hash: str
    arguments_hash: str
    asker: str
    by: str
    at: datetime
    expires_at: datetime
    state: str
    reason: str
    decided_at: datetime | None
    applied_at: datetime | None
    object_until: datetime | None
    objected_at: datetime | None
    reverted_at: datetime | None
    mode: str
    risk: dict[str, Any]
    policy_version: int | None
    policy: dict[str, Any]
    four_eyes: bool
    figures: tuple[dict[str, Any], ...]
    stages: tuple[Stage, ...]
    votes: tuple[Ballot, ...]
    reviews: tuple[Reviewed, ...]
    problems: tuple[str, ...]


class Seen(Line):
    """That somebody had a version before them, by a page or a shared link; ``times`` from first to last."""

    who: str
    name: str
    via: str
    version: int | None
    content_hash: str
    first_at: datetime
    last_at: datetime
    times: int


class Link(Line):
    """A link by which somebody without an account could read it."""

    recipient: str
    version: int
    by: str
    at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened: int
    last_opened_at: datetime | None


class Quotation(Line):
    """Words of a document that a figure or a sentence stands on."""

    cites: str
    label: str
    words: str
    locator: str
    start: int
    end: int


class Document(Line):
    """A document that the version's figures stand on. ``verdict``: whether the file kept still has its hash."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str
    by: str
    at: datetime
    verdict: Verdict
    quotations: tuple[Quotation, ...]


class Stamped(Line):
    """What the rules said about a version. ``verdict`` is of the stamp's signature: ``open`` where none was given."""

    version: int
    content_hash: str
    passed: bool
    findings: int
    rule_set: str
    rule_set_hash: str
    by: str
    at: datetime
    key_id: str
    verdict: Verdict


class Export(Line):
    """A file that was made of it."""

    kind: str
    filename: str
    content_hash: str
    blob: str
    by: str
    at: datetime


class Entry(Line):
    """One record of the audit log, with its link of the chain. ``open``: not sealed yet."""

    id: int
    at: datetime
    by: str
    action: str
    subject: str
    detail: dict[str, Any]
    position: int | None
    seal: str
    verdict: Verdict


class Committed(Line):
    """The commitment that an approval made."""

    id: str
    at: datetime
    by: str
    version: int | None
    content_hash: str
    approval: str
    starts_on: date
    ends_on: date
    measures: dict[str, str | None]
    reversed_at: datetime | None
    reversed_by: str
    reversed_reason: str


class CaseRecord(Line):
    """Everything. ``audit`` is None for those who may not read the log."""

    case: str
    title: str
    customer: str
    state: str
    version: int
    content_hash: str
    versions: tuple[Version, ...]
    commitments: tuple[Committed, ...]
    requests: tuple[Asked, ...]
    sightings: tuple[Seen, ...]
    links: tuple[Link, ...]
    documents: tuple[Document, ...]
    stamps: tuple[Stamped, ...]
    exports: tuple[Export, ...]
    audit: tuple[Entry, ...] | None

    @property
    def committed(self) -> Committed | None:
        """The commitment that stands, else the newest that was reversed."""
        return next((one for one in self.commitments if one.reversed_at is None), next(iter(self.commitments), None))
