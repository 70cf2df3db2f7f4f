"""Which work a stop is about."""

import pytest

from kernel.stops.matching import InForce, agent_name, named
from kernel.stops.work import names_now, working_on

WORK = {"agent:target", "workflow:lifecycle"}


@pytest.mark.parametrize(
    ("kind", "key", "schema", "hit"),
    [
        ("platform", "", "", True),
        ("tenant", "", "acme", True),
        ("tenant", "", "globex", False),
        ("agent", "target", "acme", True),
        ("agent", "target", "", True),
        ("agent", "target", "globex", False),
        ("agent", "integrity", "acme", False),
        ("agent", "lifecycle", "acme", False),
        ("workflow", "lifecycle", "acme", True),
        ("workflow", "target", "acme", False),
    ],
)
def test_a_stop_is_about_its_scope_and_nothing_else(kind: str, key: str, schema: str, hit: bool) -> None:
    assert InForce(1, kind, key, schema, "Why.", "Alice").is_about("acme", WORK) is hit


def test_versions_and_spellings_do_not_let_an_agent_slip_through() -> None:
    assert named(["agent:target@1.4.0", "workflow:lifecycle"]) == frozenset(WORK)
    assert {agent_name("target@1.0.0"), agent_name("agent:target@1.0.0")} == {"agent:target@1.0.0"}
    assert agent_name("tool:mail.send") == "tool:mail.send"


def test_work_in_the_depth_is_known_by_all_that_it_is_part_of() -> None:
    with working_on("workflow:lifecycle", more=lambda: ["workflow:above"]), working_on("agent:target@1.0.0"):
        assert names_now() == {"workflow:lifecycle", "workflow:above", "agent:target"}
    assert names_now() == frozenset()
