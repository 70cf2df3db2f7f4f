"""Reads of workflows."""

from workflows.selectors.runs import (
    ExecutionDetail,
    StepView,
    execution_detail,
    executions_list,
    failed_steps,
    running_process,
)
from workflows.selectors.timeline import TimelineEntry, timeline
from workflows.selectors.visibility import executions_visible_to, subject_is_visible

__all__ = [
    "ExecutionDetail",
    "StepView",
    "TimelineEntry",
    "execution_detail",
    "executions_list",
    "executions_visible_to",
    "failed_steps",
    "running_process",
    "subject_is_visible",
    "timeline",
]
