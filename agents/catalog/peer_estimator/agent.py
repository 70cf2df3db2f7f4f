"""The peer estimator: what was really measured at other customers. The cautious one, who counts no promise and no document.

It has no model-assisted method: the same measurements get the same answer, and no customer's figures are told about another.
"""

from collections.abc import Mapping
from typing import Any

from agents.customer import customer_of
from agents.estimates import Vote, from_experience, measured_elsewhere
from agents.estimator import Estimator
from agents.runtime.agent import DETERMINISTIC, AgentRun, Method


def _estimate(run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Vote]:
    customer = customer_of(run.actor, inputs)
    run.use("experience.read")
    return DETERMINISTIC, from_experience(measured_elsewhere(run.actor, str(customer.public_id), inputs["input"]))


AGENT = Estimator("peer_estimator", _estimate)
