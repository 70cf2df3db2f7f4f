"""An agent that estimates one figure: it votes, and changes nothing.

Several of them, each with a method and means of its own, are the voters of the workflow ``driver_estimates``. What they say
is no more than a proposal: code holds the votes against each other, and a person settles the figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.customer import pack_of
from agents.estimates import NOTHING, Vote
from agents.runtime.agent import AgentRun, Method
from valuefabric.domain.discovery.assumptions import spoken

type Estimate = Callable[[AgentRun, Mapping[str, Any]], tuple[Method, Vote]]


@dataclass(frozen=True)
class Estimator:
    """An agent whose inputs are ``customer``, ``pack`` and ``input`` (the assumption), and whose output is its vote."""

    name: str
    estimate: Estimate

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        method, vote = self.estimate(run, inputs)
        if vote == NOTHING:
            run.notes.append(f"Nothing is known of {inputs['input']} by this method, so it has no vote.")
        else:
            spec = pack_of(inputs).inputs[inputs["input"]]
            figure = spoken(Decimal(str(vote["estimate"])), spec.unit)
            run.tell("estimate", {"text": f"{spec.label}: {figure}, weight {vote['weight']}; {vote['source']}"})
        return method, dict(vote)

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        return content

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        """Nothing was changed, so there is nothing to undo."""
