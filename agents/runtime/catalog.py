"""The agents that there is code for."""

from importlib import import_module

from agents.runtime.agent import Agent

NAMES = (
    "opportunity",
    "target",
    "integrity",
    "realization",
    "expansion",
    "evidence_estimator",
    "benchmark_estimator",
    "peer_estimator",
)


def agent_code(name: str) -> Agent:
    """The code of an agent, imported when it is first needed. Raises LookupError for a name without code."""
    if name not in NAMES:
        raise LookupError(f"There is no agent {name!r}; there are {', '.join(NAMES)}.")
    agent: Agent = import_module(f"agents.catalog.{name}.agent").AGENT
    return agent
