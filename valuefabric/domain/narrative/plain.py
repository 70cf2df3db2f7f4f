"""A case told from its model alone, for a model that people built by hand: no pack, no agent, nothing that is not in it."""

from collections.abc import Mapping, Sequence

from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.domain.narrative.story import Story


def plain_story(document: ModelDocument, computation: Computation, scenarios: Mapping[str, Computation]) -> Story:
    """The standard sections, in their order."""
    story = Story(document, computation, scenarios)
    _summary(story)
    _situation(story)
    _value(story)
    _assumptions(story)
    _risks(story)
    told = "Each assumption above is measured after the commitment, row by row, against the figure that stands there."
    story.say("measurement", told)
    story.say("next_steps", "To be checked for integrity, approved, and shared with the customer.")
    return story


def _summary(story: Story) -> None:
    counted = [driver.label for driver in story.document.drivers if driver.counted]
    subject = _listed(counted) or "The rows of this model"
    story.say(
        "summary",
        f"{subject}: worth {{measure.pv_benefits}} in present value over the term, at a discount rate of "
        "{convention.discount_rate}.",
    )
    if any(story.computation.costs):
        story.say("summary", "Less costs of {measure.pv_costs}, the net present value is {measure.npv}.")


def _situation(story: Story) -> None:
    quoted = [row for row in story.document.rows if row.source is not None and row.source.kind == "evidence"]
    if quoted:
        story.say("situation", f"The customer's documents give the figures for {_listed([row.label for row in quoted])}.")
    else:
        story.say("situation", "The figures below were collected by people; each names its source, or says that it has none yet.")


def _value(story: Story) -> None:
    for driver in story.computation.drivers:
        if driver.counted and driver.measured:
            cell = f"driver.{driver.key}"
            story.say("value", f"{driver.label}: {{{cell}.total}} over the term, {{{cell}.pv}} in present value.")
    if "value" not in story.sections:
        story.say("value", "Together, the benefits are worth {measure.pv_benefits} in present value.")


def _assumptions(story: Story) -> None:
    first, last = story.document.periods[0], story.document.periods[-1]
    for row in story.document.rows:
        if row.values is not None:
            then = f", then {{{row.key}.{last}}}" if len(set(row.values)) > 1 else ""
            story.say("assumptions", f"{row.label}: {{{row.key}.{first}}}{then}{_range(row)}.")


def _range(row: Row) -> str:
    if row.low is None or row.high is None:
        return ""
    return f" (between {{{row.key}.low}} and {{{row.key}.high}})"


def _risks(story: Story) -> None:
    if any(row.low is not None for row in story.document.rows):
        story.say(
            "risks",
            "With every assumption at the low end of its range the present value is {low:measure.pv_benefits}; at the high end, "
            "{high:measure.pv_benefits}.",
        )
    else:
        story.say("risks", "No assumption has a range yet, so none can be shown.")
    for row in story.document.rows:
        if row.values is not None and row.source is None:
            story.say("risks", f"{row.label}: no source is named yet.")


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
