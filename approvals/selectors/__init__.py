"""Reads of approvals: inbox, one request, review queue, delegations, and the record of how something was decided."""

from approvals.selectors.delegations import delegations_in_force, visible_delegations, voice_on, voices_of
from approvals.selectors.front import FrontPage, Inbox, InboxEntry, front_page, inbox_count
from approvals.selectors.records import (
    DecisionRecord,
    RequestRecord,
    SignedReview,
    SignedVote,
    decision_record,
    request_record,
    visible_sightings,
)
from approvals.selectors.requests import RequestDetail, StageView, request_detail, requests_about, visible_requests
from approvals.selectors.reviews import reviewable, sampled_for_review
from approvals.selectors.standing import lapsed_vote
from approvals.selectors.verification import verification_of
from approvals.selectors.waiting import waiting_for

__all__ = [
    "DecisionRecord",
    "FrontPage",
    "Inbox",
    "InboxEntry",
    "RequestDetail",
    "RequestRecord",
    "SignedReview",
    "SignedVote",
    "StageView",
    "decision_record",
    "delegations_in_force",
    "front_page",
    "inbox_count",
    "lapsed_vote",
    "request_detail",
    "request_record",
    "requests_about",
    "reviewable",
    "sampled_for_review",
    "verification_of",
    "visible_delegations",
    "visible_requests",
    "visible_sightings",
    "voice_on",
    "voices_of",
    "waiting_for",
]
