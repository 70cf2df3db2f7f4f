"""The case's seven standard sections, by code: each figure a computed cell, each claim of the customer's a quotation."""

from collections.abc import Iterator, Mapping, Sequence

from agents.catalog.target.story import Story
from valuefabric.domain.discovery import Discovery
from valuefabric.domain.model import Computation, Driver, ModelDocument, Row
from valuefabric.domain.packs import Pack


def write_story(
    document: ModelDocument, computation: Computation, scenarios: Mapping[str, Computation], found: Discovery, pack: Pack
) -> Story:
    """All sections, in the standard order."""
    story = Story(document, computation, scenarios)
    _summary(story)
    _situation(story, found)
    _value(story, pack)
    _assumptions(story)
    _risks(story, found)
    _measurement(story, pack)
    _next_steps(story, found)
    return story


def uncertainties(document: ModelDocument, found: Discovery) -> Iterator[str]:
    """What is not known, in sentences without figures of their own."""
    for row in document.rows:
        if row.values is not None and row.confidence in ("low", "medium"):
            yield f"{row.label}: {row.confidence} confidence."
    for conflict in found.conflicts:
        yield conflict.message
    if any(row.role == "cost" for row in document.rows):
        yield "The customer's own costs, such as the time of its people, are not part of this model; the price of the offer is."
    else:
        yield "The customer's own costs and the price of the offer are not part of this model; it shows benefits only."


def exclusions(document: ModelDocument) -> list[str]:
    """What is listed and not counted, with the reason."""
    return [f"{driver.label}. {driver.note}".strip() for driver in document.drivers if not driver.counted]


def _summary(story: Story) -> None:
    counted = [driver for driver in story.document.drivers if driver.counted]
    story.say(
        "summary",
        f"{_listed(_in_a_sentence([driver.label for driver in counted]))}: together worth {{measure.pv_benefits}} in present "
        "value over the term, at a discount rate of {convention.discount_rate}. Benefits are shown at operating margin, not as "
        "revenue.",
    )
    if any(row.role == "cost" for row in story.document.rows):
        story.say(
            "summary",
            "The price of the offer is {measure.pv_costs} in present value, so the net present value is {measure.npv}.",
        )
    adjusted = next((row for row in story.document.rows if row.role == "benefit" and row.risk_adjustment), None)
    if adjusted is not None:
        story.say("summary", f"Every benefit is reduced by {{{adjusted.key}.risk_adjustment}} for risk.")


def _situation(story: Story, found: Discovery) -> None:
    pains = [pain for pain in found.pains if pain.driver] or list(found.pains)
    for pain in pains[:3]:
        story.quote("situation", "In the customer's words: ", pain.citation)
    if not pains:
        story.say("situation", "The documents name the figures below; they name no pain in the customer's own words.")


def _value(story: Story, pack: Pack) -> None:
    for driver in story.document.drivers:
        if driver.counted:
            claim = pack.driver(driver.key).claim
            cell = f"driver.{driver.key}"
            story.say(
                "value", f"{driver.label}: {{{cell}.total}} over the term, {{{cell}.pv}} in present value. {claim} {driver.note}"
            )


def _assumptions(story: Story) -> None:
    first, last = story.document.periods[0], story.document.periods[-1]
    told: set[str] = set()
    for row in story.document.rows:
        # Two drivers may use one assumption; the reader needs it once.
        if row.values is not None and row.label not in told:
            told.add(row.label)
            moves = len(set(row.values)) > 1
            rise = f", then {{{row.key}.{last}}}" if moves else ""
            story.say("assumptions", f"{row.label}: {{{row.key}.{first}}}{rise}{_range(row)}.")


def _range(row: Row) -> str:
    if row.low is None or row.high is None:
        return ""
    return f" (the evidence allows {{{row.key}.low}} to {{{row.key}.high}})"


def _risks(story: Story, found: Discovery) -> None:
    if "low" in story.scenarios and "high" in story.scenarios:
        story.say(
            "risks",
            "With every assumption at the low end of its range the present value is {low:measure.pv_benefits}; at the high end, "
            "{high:measure.pv_benefits}.",
        )
    for text in uncertainties(story.document, found):
        if "confidence" in text:
            story.say("risks", text)
    for driver in _uncounted(story.document):
        story.say("risks", f"{driver.label}: listed, not counted.")
    if "risks" not in story.sections:
        story.say("risks", "The evidence states no range for any assumption, so no range can be shown.")


def _measurement(story: Story, pack: Pack) -> None:
    for key in planned_kpis(story.document, pack):
        kpi = pack.kpis[key]
        plan = kpi.plan
        story.say("measurement", f"{kpi.label}: {plan.cadence}, from {plan.source_system}; {plan.owner} answers for it.")


def _next_steps(story: Story, found: Discovery) -> None:
    if found.approval is not None:
        story.say("next_steps", f"To be approved by {_listed(list(found.approval.approvers))}, in this order.")
    if found.owner is not None:
        story.say("next_steps", f"The {found.owner.title} owns the outcome.")
    story.say("next_steps", "After the commitment, actual figures replace the assumptions above, row by row.")


def planned_kpis(document: ModelDocument, pack: Pack) -> list[str]:
    """The KPIs of the counted drivers and of the inputs they are made of, in the pack's order."""
    drivers = {driver.kpi for driver in document.drivers if driver.counted}
    inputs = {row.kpi for row in document.rows if row.values is not None and row.kpi}
    return [key for key in pack.kpis if key in drivers | inputs]


def _uncounted(document: ModelDocument) -> list[Driver]:
    return [driver for driver in document.drivers if not driver.counted]


def _in_a_sentence(labels: Sequence[str]) -> list[str]:
    """Labels as one subject: those after the first begin small, unless they begin with an abbreviation (``CRM``)."""
    return [label if not at or not label[1:2].islower() else label[0].lower() + label[1:] for at, label in enumerate(labels)]


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
