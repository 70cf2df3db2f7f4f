"""Runs as JSON."""

from typing import Any

from rest_framework import serializers

from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One attempt at a step."""

    class Meta:
        model = Attempt
        fields = (
            "number", "purpose", "outcome", "worker", "started_at", "ended_at", "error_class", "error", "retry_at", "trace",
        )  # fmt: skip


class StepSerializer(serializers.ModelSerializer[Step]):
    """A step with its attempts."""

    attempts = AttemptSerializer(many=True)
    waiting_for = serializers.SerializerMethodField()

    class Meta:
        model = Step
        fields = (
            "key", "kind", "title", "position", "state", "attempt", "due_at", "expires_at", "waiting_for", "input", "output",
            "error_class", "error", "reason", "started_at", "ended_at", "attempts",
        )  # fmt: skip

    def get_waiting_for(self, step: Step) -> dict[str, Any] | None:
        """Kind and key of what it waits for."""
        if not step.waiting_kind:
            return None
        return {"kind": step.waiting_kind, "key": step.waiting_key, "match": step.waiting_match}


class RunSerializer(serializers.ModelSerializer[Execution]):
    """A run in a list."""

    id = serializers.UUIDField(source="public_id")
    steps_done = serializers.IntegerField(required=False)
    steps_total = serializers.IntegerField(required=False)

    class Meta:
        model = Execution
        fields = (
            "id", "name", "version", "definition_hash", "title", "subject", "state", "paused_at", "inputs", "started_by",
            "created_at", "ended_at", "steps_done", "steps_total",
        )  # fmt: skip


class TimelineSerializer(serializers.Serializer[Any]):
    """One thing that happened."""

    at = serializers.DateTimeField()
    what = serializers.CharField()
    step = serializers.CharField(allow_blank=True)
    actor = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    attempt = serializers.IntegerField(allow_null=True)
    retry_at = serializers.DateTimeField(allow_null=True)


class RunDetailSerializer(serializers.Serializer[ExecutionDetail]):
    """A run with its steps and its history."""

    run = RunSerializer(source="execution")
    steps = serializers.SerializerMethodField()
    timeline = TimelineSerializer(many=True)

    def get_steps(self, detail: ExecutionDetail) -> list[dict[str, Any]]:
        """The steps in the order of the definition."""
        return [dict(StepSerializer(view.step).data) for view in detail.steps]


class StartSerializer(serializers.Serializer[Any]):
    """What starts a run. A second start under the same ``key`` is the first one."""

    definition = serializers.CharField(max_length=60)
    subject = serializers.CharField(max_length=200, allow_blank=True, default="")
    inputs = serializers.DictField(default=dict)
    key = serializers.CharField(max_length=200, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a run is ended or rolled back."""

    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class SkipSerializer(serializers.Serializer[Any]):
    """Why a step is skipped, and what later steps read in place of its output."""

    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")
    output = serializers.DictField(default=dict)
