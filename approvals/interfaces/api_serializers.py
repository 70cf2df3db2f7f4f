"""Approvals as JSON."""

from typing import Any

from rest_framework import serializers

from approvals.models import ApprovalPolicy, ApprovalRequest, Delegation, Review, Sighting, Vote
from approvals.states import Decision


class VoteSerializer(serializers.ModelSerializer[Vote]):
    """A vote as it was given and signed. ``on_behalf_of`` is empty for one's own."""

    class Meta:
        model = Vote
        fields = (
            "stage", "voter", "voter_name", "voter_role", "on_behalf_of", "decision", "reason", "content_hash", "second_factor",
            "voted_at", "key_id", "signature",
        )  # fmt: skip


class ApprovalReviewSerializer(serializers.ModelSerializer[Review]):
    """A review or objection as it was given and signed."""

    class Meta:
        model = Review
        fields = (
            "reviewer", "reviewer_name", "on_behalf_of", "outcome", "reason", "second_factor", "reviewed_at",
            "key_id", "signature",
        )  # fmt: skip


class ApprovalSerializer(serializers.ModelSerializer[ApprovalRequest]):
    """A request with its snapshots, votes and reviews. ``content_hash`` is what a vote must carry."""

    id = serializers.UUIDField(source="public_id")
    votes = VoteSerializer(many=True)
    reviews = ApprovalReviewSerializer(many=True)

    class Meta:
        model = ApprovalRequest
        fields = (
            "id", "action", "subject", "content_hash", "arguments_hash", "arguments", "capabilities", "capabilities_hash",
            "summary", "mode", "risk", "policy", "chain", "policy_version", "sampled", "state", "stage", "waiting_for",
            "escalated_to", "stage_since", "requested_by", "requested_at", "expires_at", "decided_at", "outcome_reason",
            "applied_at", "object_until", "objected_at", "reverted_at", "deed_error", "votes", "reviews",
        )  # fmt: skip


class ProofInputSerializer(serializers.Serializer[Any]):
    """What proves who speaks, where the policy asks for a second factor and the session has not proved it lately."""

    code = serializers.CharField(
        max_length=12,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the authenticator app, or a recovery code. Good once.",
    )


class VoteInputSerializer(ProofInputSerializer):
    """What a vote says: the decision, the hash of what was shown, why, and whose vote it is if not one's own."""

    decision = serializers.ChoiceField(choices=[decision.value for decision in Decision])
    content_hash = serializers.CharField(max_length=71)
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    on_behalf_of = serializers.CharField(max_length=120, required=False, allow_blank=True)


class ObjectionInputSerializer(ProofInputSerializer):
    """Why somebody objects."""

    reason = serializers.CharField(max_length=4000)


class ReviewInputSerializer(ProofInputSerializer):
    """What a review found. A finding has a reason."""

    outcome = serializers.ChoiceField(choices=["fine", "finding"])
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class PolicySerializer(serializers.ModelSerializer[ApprovalPolicy]):
    """A policy as it stands."""

    class Meta:
        model = ApprovalPolicy
        fields = (
            "action", "version", "mode", "rules", "chain", "valid_for_hours", "object_within_hours", "sample_percent",
            "reminders", "escalation", "calendar", "second_factor", "updated_at", "updated_by",
        )  # fmt: skip


class TermsSerializer(serializers.Serializer[Any]):
    """The terms of a policy (``approvals.terms.Terms``): only ``chain`` must be said."""

    chain = serializers.DictField()
    mode = serializers.ChoiceField(choices=["in", "on", "over"], required=False)
    rules = serializers.ListField(child=serializers.DictField(), required=False)
    valid_for_hours = serializers.IntegerField(required=False)
    object_within_hours = serializers.IntegerField(required=False)
    sample_percent = serializers.IntegerField(required=False)
    reminders = serializers.ListField(child=serializers.IntegerField(), required=False)
    escalation = serializers.DictField(required=False, allow_null=True)
    calendar = serializers.DictField(required=False, allow_null=True)
    second_factor = serializers.ChoiceField(choices=["", "any", "webauthn"], required=False)


class TrialSerializer(serializers.Serializer[Any]):
    """An example to try terms on: what would be at stake (``approvals.risk.Risk``)."""

    terms = TermsSerializer()
    risk = serializers.DictField(default=dict)


class ChosenSerializer(serializers.Serializer[Any]):
    """What would apply to the example."""

    mode = serializers.CharField()
    rule = serializers.CharField()
    why = serializers.CharField()
    chain = serializers.DictField()


class DelegationSerializer(serializers.ModelSerializer[Delegation]):
    """Who votes for whom, until when."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Delegation
        fields = (
            "id", "giver", "taker", "actions", "starts_at", "ends_at", "reason", "by", "created_at", "withdrawn_at",
            "withdrawn_by",
        )  # fmt: skip


class DelegationInputSerializer(serializers.Serializer[Any]):
    """Votes to be handed over; ``giver`` is oneself unless one manages members."""

    giver = serializers.CharField(max_length=120, required=False)
    taker = serializers.CharField(max_length=120)
    actions = serializers.ListField(child=serializers.CharField(max_length=120), default=list)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=400, allow_blank=True, default="")


class SightingSerializer(serializers.ModelSerializer[Sighting]):
    """Who was shown which version, when, and where."""

    class Meta:
        model = Sighting
        fields = ("subject", "content_hash", "viewer", "viewer_name", "via", "seen_at")


class SignedVoteSerializer(serializers.Serializer[Any]):
    """A vote and whether its signature holds for what was asked."""

    vote = VoteSerializer()
    holds = serializers.BooleanField()


class SignedReviewSerializer(serializers.Serializer[Any]):
    """A review and whether its signature holds."""

    review = ApprovalReviewSerializer()
    holds = serializers.BooleanField()


class DecisionEvidenceSerializer(serializers.Serializer[Any]):
    """One thing that the subject stands on."""

    title = serializers.CharField()
    kind = serializers.CharField()
    content_hash = serializers.CharField()
    href = serializers.CharField()


class RecordSerializer(serializers.Serializer[Any]):
    """One request with everything that proves it; ``problems`` is empty if all holds."""

    request = ApprovalSerializer()
    requester = serializers.CharField()
    votes = SignedVoteSerializer(many=True)
    reviews = SignedReviewSerializer(many=True)
    evidence = DecisionEvidenceSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField())


class DecisionRecordSerializer(serializers.Serializer[Any]):
    """Everything about one subject: its requests, newest first, and who saw which version, oldest first."""

    subject = serializers.CharField()
    requests = RecordSerializer(many=True)
    sightings = SightingSerializer(many=True)
