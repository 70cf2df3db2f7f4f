"""Reading manifests: what cannot be held to is refused, with the field's name."""

from decimal import Decimal
from pathlib import Path

import pytest

from agents.manifest import ManifestError, manifest_hash, manifest_load
from agents.runtime.catalog import NAMES as AGENTS

CATALOG = Path(__file__).parents[2] / "agents" / "catalog"
GOOD = """
format: vos.agent/1
name: probe
version: 1.0.0
title: Probe
purpose: Tests.
sponsor: Nobody
principles: [1, 12]
deterministic_method: Nothing.
capabilities: [{action: evidence.read, resource: "{subject}"}]
guardrails: []
budget: {tokens: 10, money_usd: "0.50"}
limits: {steps: 1, tool_calls: 0, seconds: 1}
"""


def test_a_manifest_says_all_that_the_agent_is_held_to() -> None:
    manifest = manifest_load(GOOD)
    assert manifest.identifier == "agent:probe@1.0.0"
    assert (manifest.budget.tokens, manifest.budget.money_usd, manifest.limits.seconds) == (10, Decimal("0.50"), 1)
    assert manifest.capabilities[0].right(subject="customer:7").resource == "customer:7"
    assert manifest.model is None


@pytest.mark.parametrize("name", AGENTS)
def test_the_catalogues_manifests_can_be_read(name: str) -> None:
    assert manifest_load((CATALOG / name / "manifest.yaml").read_text()).name == name


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("principles: [1, 12]", "principles: [1, 13]", "there is no principle 13"),
        ("format: vos.agent/1", "format: vos.agent/2", "format"),
        ("name: probe", "name: Probe!", "name"),
        ("version: 1.0.0", "version: '1'", "version"),
        ("steps: 1", "steps: 0", "limits.steps"),
        ("tokens: 10", "tokens: -1", "budget.tokens"),
        ('capabilities: [{action: evidence.read, resource: "{subject}"}]', "capabilities: []", "capabilities"),
        ("action: evidence.read", "action: '*'", "capabilities.0.action"),
        ("guardrails: []", "guardrails: []\nrights: all", "rights"),
        ("purpose: Tests.\n", "", "purpose"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(before: str, after: str, field: str) -> None:
    bad = GOOD.replace(before, after)
    assert bad != GOOD
    with pytest.raises(ManifestError, match=field):
        manifest_load(bad)


@pytest.mark.parametrize("text", ["name: [", "a: b: c", "\tname: x", "!!python/object/apply:os.system [true]"])
def test_what_is_not_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(ManifestError, match="not valid YAML"):
        manifest_load(text)


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]"])
def test_yaml_that_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ManifestError):
        manifest_load(text)


def test_the_hash_is_of_the_text_as_written() -> None:
    assert manifest_hash("a") == "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    assert manifest_hash(GOOD) != manifest_hash(GOOD + "\n")
