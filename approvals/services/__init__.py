"""Writes of approvals: each changes state, emits its event and records its audit in one transaction."""

from approvals.services.application import ApprovalUnusable, approval_use
from approvals.services.endings import approval_expire, approval_void
from approvals.services.policies import policy_default_for, policy_set
from approvals.services.requests import ContentStale, approval_request_open
from approvals.services.tool_calls import tool_call_request_open
from approvals.services.votes import (
    NotYourVote,
    ReasonMissing,
    RequestClosed,
    SecondFactorNeeded,
    SubjectChanged,
    VoteRefused,
    VoteReplayed,
    WrongHash,
    approval_vote,
)

__all__ = [
    "ApprovalUnusable",
    "ContentStale",
    "NotYourVote",
    "ReasonMissing",
    "RequestClosed",
    "SecondFactorNeeded",
    "SubjectChanged",
    "VoteRefused",
    "VoteReplayed",
    "WrongHash",
    "approval_expire",
    "approval_request_open",
    "approval_use",
    "approval_void",
    "approval_vote",
    "policy_default_for",
    "policy_set",
    "tool_call_request_open",
]
