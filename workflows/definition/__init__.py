"""Definitions: what a run's steps are and which follows which. Pure: YAML in, a checked graph out, messages by file and line."""

from workflows.definition.document import (
    AgentStep,
    ApprovalStep,
    BranchCase,
    BranchStep,
    ComputeStep,
    Definition,
    RetryPolicy,
    StepSpec,
    WaitStep,
)
from workflows.definition.inputs import InputsRefused, checked_inputs
from workflows.definition.reading import DefinitionError, definition_read

__all__ = [
    "AgentStep",
    "ApprovalStep",
    "BranchCase",
    "BranchStep",
    "ComputeStep",
    "Definition",
    "DefinitionError",
    "InputsRefused",
    "RetryPolicy",
    "StepSpec",
    "WaitStep",
    "checked_inputs",
    "definition_read",
]
