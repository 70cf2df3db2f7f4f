"""Writes of approvals: each changes state, emits its event and records its audit in one transaction."""

from approvals.services.application import ApprovalUnusable, approval_use
from approvals.services.attending import approval_attend
from approvals.services.deeds import approval_apply, approval_revert
from approvals.services.delegations import DelegationRefused, delegation_give, delegation_withdraw
from approvals.services.endings import approval_expire, approval_void
from approvals.services.policies import policy_default_for, policy_put, policy_set
from approvals.services.requests import ContentStale, approval_request_open
from approvals.services.reviews import approval_object, approval_review
from approvals.services.sightings import sighting_record
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
    "DelegationRefused",
    "NotYourVote",
    "ReasonMissing",
    "RequestClosed",
    "SecondFactorNeeded",
    "SubjectChanged",
    "VoteRefused",
    "VoteReplayed",
    "WrongHash",
    "approval_apply",
    "approval_attend",
    "approval_expire",
    "approval_object",
    "approval_request_open",
    "approval_revert",
    "approval_review",
    "approval_use",
    "approval_void",
    "approval_vote",
    "delegation_give",
    "delegation_withdraw",
    "policy_default_for",
    "policy_put",
    "policy_set",
    "sighting_record",
    "tool_call_request_open",
]
