"""What is answered where people are asked first."""

from typing import Any

from rest_framework import serializers


class SubmissionSerializer(serializers.Serializer[Any]):
    """The approval request that submitting led to."""

    approval = serializers.UUIDField(source="public_id")
    state = serializers.CharField()
    content_hash = serializers.CharField()
    expires_at = serializers.DateTimeField()
