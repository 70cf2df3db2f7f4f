"""Reads of workflows."""

from workflows.selectors.families import Children, children_by_step, usage_by_step, usage_sum
from workflows.selectors.runs import (
    ExecutionDetail,
    StepView,
    execution_detail,
    executions_list,
    failed_steps,
    needing_people,
    running_process,
    with_progress,
)
from workflows.selectors.timeline import TimelineEntry, timeline
from workflows.selectors.visibility import executions_visible_to, subject_is_visible

__all__ = [
    "Children",
    "ExecutionDetail",
    "StepView",
    "TimelineEntry",
    "children_by_step",
    "execution_detail",
    "executions_list",
    "executions_visible_to",
    "failed_steps",
    "needing_people",
    "running_process",
    "subject_is_visible",
    "timeline",
    "usage_by_step",
    "usage_sum",
    "with_progress",
]
