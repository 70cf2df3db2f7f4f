"""Runs of workflows: executions, their steps, each attempt at a step, and the signals that are sent to them.

Rows are the truth: a wake-up that gets lost is sent again from the list of due work, a worker that dies loses its lease. States
move only where the tables in ``workflows.states`` lead, and what a run was started with cannot be edited (database triggers).
"""

from workflows.models.attempt import Attempt
from workflows.models.due import DueStep
from workflows.models.execution import Execution
from workflows.models.signal import Signal
from workflows.models.step import Step

__all__ = ["Attempt", "DueStep", "Execution", "Signal", "Step"]
