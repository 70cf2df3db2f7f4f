"""Requests, policies, votes, delegations, sightings and reviews of one tenant.

Invariants live in the database: what was asked cannot be edited, a state moves only where the transition table leads, a
request is approved only by the votes that its chain asks for (or by a rule that may), votes are only ever added, and only to a
pending request, for the hash it asks about, by somebody else than its requester (triggers in migrations 0001 and 0002). Who is
asked at present is kept by the database as well (0004).
"""

from approvals.models.asked import Asked
from approvals.models.delegation import Delegation
from approvals.models.due import DueApproval
from approvals.models.policy import ApprovalPolicy
from approvals.models.request import LIVE, ApprovalRequest
from approvals.models.review import Review
from approvals.models.sighting import Sighting
from approvals.models.vote import Vote

__all__ = ["LIVE", "ApprovalPolicy", "ApprovalRequest", "Asked", "Delegation", "DueApproval", "Review", "Sighting", "Vote"]
