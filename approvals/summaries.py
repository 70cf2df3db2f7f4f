"""What an approver is shown, as a snapshot: title, the figures that matter, violations; and how two snapshots differ."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# A page of this workspace: an approver is never sent elsewhere, and never to a script.
type OwnPage = Annotated[str, Field(pattern=r"^(/([^/\\].*)?)?$")]


class Figure(BaseModel):
    """One number as displayed. ``href`` leads to the cell or the quotation that it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    value: str
    unit: str = ""
    note: str = ""
    href: OwnPage = ""


class Violation(BaseModel):
    """A rule that the subject does not keep, and that the approver must know of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    explanation: str = ""
    severity: str = "warned"


class Evidence(BaseModel):
    """One thing that a subject stands on: what it is, the hash of its content, and where to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    kind: str = ""
    content_hash: str = ""
    href: OwnPage = ""


class Summary(BaseModel):
    """What is asked, on one phone screen. ``facts`` are further values that are compared from version to version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    kind: str = ""
    customer: str = ""
    version: str = ""
    description: str = ""
    href: OwnPage = ""
    figures: tuple[Figure, ...] = Field(default=(), max_length=4)
    violations: tuple[Violation, ...] = ()
    facts: dict[str, str] = Field(default_factory=dict)


class Change(BaseModel):
    """One value that differs; ``before`` or ``after`` is empty where it was added or taken away."""

    model_config = ConfigDict(frozen=True)

    label: str
    before: str
    after: str


def changes(before: Summary, after: Summary) -> tuple[Change, ...]:
    """What differs between two versions of one subject, in the order in which the newer one shows it."""
    old, new = _values(before), _values(after)
    labels = [*new, *(label for label in old if label not in new)]
    return tuple(
        Change(label=label, before=old.get(label, ""), after=new.get(label, ""))
        for label in labels
        if old.get(label) != new.get(label)
    )


def _values(summary: Summary) -> dict[str, str]:
    values = {figure.label: f"{figure.value} {figure.unit}".strip() for figure in summary.figures}
    values |= {f"{v.severity.capitalize()}: {v.title}": v.explanation or "yes" for v in summary.violations}
    return {"Title": summary.title, **values, **summary.facts}
