"""Definitions: what a run's steps are and which follows which. Pure: YAML in, a checked graph out, messages by file and line."""

from workflows.definition.document import (
    AgentStep,
    ApprovalStep,
    Body,
    BranchCase,
    BranchStep,
    CompositeStep,
    ComputeStep,
    Definition,
    EmitStep,
    Graph,
    LoopStep,
    MapStep,
    RetryPolicy,
    StepSpec,
    ToolStep,
    WaitStep,
    WorkflowStep,
)
from workflows.definition.graph import DefinitionGraph, GraphEdge, GraphNode, definition_graph
from workflows.definition.inputs import InputsRefused, OutputMismatch, checked_inputs, checked_output, output_faults
from workflows.definition.reading import DefinitionError, definition_read
from workflows.definition.results import result_of

__all__ = [
    "AgentStep",
    "ApprovalStep",
    "Body",
    "BranchCase",
    "BranchStep",
    "CompositeStep",
    "ComputeStep",
    "Definition",
    "DefinitionError",
    "DefinitionGraph",
    "EmitStep",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "InputsRefused",
    "LoopStep",
    "MapStep",
    "OutputMismatch",
    "RetryPolicy",
    "StepSpec",
    "ToolStep",
    "WaitStep",
    "WorkflowStep",
    "checked_inputs",
    "checked_output",
    "definition_graph",
    "definition_read",
    "output_faults",
    "result_of",
]
