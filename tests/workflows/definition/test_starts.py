"""Triggers and limits in a definition: what is wrong with them, by line and trigger."""

import pytest

from workflows.definition import DefinitionError, definition_read

TEXT = """format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
inputs: {{customer: text, pack: {{type: text, default: none}}}}
limits: {limits}
triggers:
  mondays:
    {trigger}
steps:
  a: {{kind: compute, values: {{x: "1"}}}}
"""
GIVEN = 'inputs: {customer: "1"}'
EVENT = "kind: event\n    topic: value.case.stamped"


def _text(limits: str = "{at_once: 1}", trigger: str = "kind: form") -> str:
    return TEXT.format(limits=limits, trigger=trigger)


def test_triggers_and_limits_are_read() -> None:
    trigger = f'{EVENT}\n    inputs: {{customer: "${{event.data.customer}}"}}'
    definition = definition_read(_text('{at_once: 2, key: "${inputs.customer}", starts: 5, per_seconds: 60}', trigger))
    assert definition.limits is not None
    assert (definition.limits.at_once, definition.limits.key, definition.limits.starts) == (2, "${inputs.customer}", 5)
    assert definition.triggers["mondays"].kind == "event"
    assert type(definition).from_snapshot(definition.snapshot()) == definition


def test_definition_without_any_keeps_its_hash() -> None:
    text = _text().replace("limits: {at_once: 1}\n", "").replace("triggers:\n  mondays:\n    kind: form\n", "")
    definition = definition_read(text)
    assert not {"limits", "triggers"} & set(definition.snapshot())


@pytest.mark.parametrize(
    ("limits", "trigger", "said"),
    [
        ("{}", "kind: form", "definition.yaml:6: limits: say how many runs may go at_once"),
        ("{starts: 3}", "kind: form", "definition.yaml:6: limits: a rate needs both"),
        ('{at_once: 1, key: "${inputs.costumer}"}', "kind: form", "definition.yaml:6: limits.key: ${inputs.costumer} names"),
        ('{at_once: 1, key: "${steps.a.output.x}"}', "kind: form", "definition.yaml:6: limits.key: ${steps.a.output.x} leads"),
        ("{at_once: 1}", "kind: clock", "definition.yaml:8: trigger 'mondays': Input tag 'clock'"),
        (
            "{at_once: 1}",
            f'kind: cron\n    crontab: "99 * * * *"\n    {GIVEN}',
            "definition.yaml:10: trigger 'mondays', crontab: '99 * * * *' is no",
        ),
        (
            "{at_once: 1}",
            f'kind: cron\n    crontab: "0 6 * * *"\n    time_zone: Mars\n    {GIVEN}',
            "definition.yaml:11: trigger 'mondays', time_zone: 'Mars' is no time zone",
        ),
        ("{at_once: 1}", EVENT, "definition.yaml:8: trigger 'mondays': gives no customer, without which no run can start"),
        (
            "{at_once: 1}",
            'kind: form\n    inputs: {colour: "1"}',
            "definition.yaml:10: trigger 'mondays', inputs.colour: there is no",
        ),
        (
            "{at_once: 1}",
            'kind: webhook\n    inputs: {customer: "${event.data.x}"}',
            "definition.yaml:10: trigger 'mondays', inputs: ${event.data.x} leads nowhere in a trigger of this",
        ),
    ],
    ids=[
        "empty limit",
        "half a rate",
        "unknown input",
        "no run yet",
        "kind",
        "crontab",
        "zone",
        "missing",
        "undeclared",
        "scope",
    ],
)
def test_what_is_wrong_is_named_by_line_and_trigger(limits: str, trigger: str, said: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        definition_read(_text(limits, trigger))
    assert refused.value.lines[0].startswith(said)
