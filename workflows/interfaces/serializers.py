"""Runs as JSON."""

from typing import Any

from rest_framework import serializers

from kernel.scheduler.policies import Priority
from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail

CLASSES = [priority.name.lower() for priority in Priority]


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
            "error_class", "error", "reason", "overridden_by", "started_at", "ended_at", "attempts",
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
    forked_from = serializers.UUIDField(source="forked_from.public_id", default=None, allow_null=True)
    part_of = serializers.UUIDField(source="parent_step.execution.public_id", default=None, allow_null=True)

    class Meta:
        model = Execution
        fields = (
            "id", "name", "version", "definition_hash", "title", "subject", "state", "paused_at", "inputs", "output",
            "started_by", "trigger", "priority", "forked_from", "fork_step", "part_of", "place", "created_at",
            "begun_at", "ended_at", "steps_done", "steps_total",
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
    priority = serializers.ChoiceField(CLASSES, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a run is ended or rolled back."""

    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class SkipSerializer(serializers.Serializer[Any]):
    """Why a step is skipped, and what later steps read in place of its output."""

    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")
    output = serializers.DictField(default=dict)


class SettleSerializer(serializers.Serializer[Any]):
    """How a person undid what the engine could not, or why a step's own output counts again."""

    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class OverrideSerializer(serializers.Serializer[Any]):
    """Another output for a step, and why."""

    output = serializers.DictField()
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class MessageSerializer(serializers.Serializer[Any]):
    """What an agent is told. Under the same ``key`` it is told once."""

    message = serializers.CharField(max_length=4000)
    key = serializers.CharField(max_length=200, allow_blank=True, default="")


class PrioritySerializer(serializers.Serializer[Any]):
    """A scheduling class."""

    priority = serializers.ChoiceField(CLASSES)


class SignalSerializer(serializers.Serializer[Any]):
    """A message to a run, for a step that waits for its name. Under the same ``key`` it is sent once."""

    name = serializers.RegexField(r"^[a-z][a-z0-9_]{0,59}$")
    payload = serializers.DictField(default=dict)
    key = serializers.CharField(max_length=200, allow_blank=True, default="")


class ForkSerializer(serializers.Serializer[Any]):
    """From which step a fork does things anew, and which inputs differ. Under the same ``key`` it is made once."""

    step = serializers.CharField(max_length=60)
    inputs = serializers.DictField(default=dict)
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")
    key = serializers.CharField(max_length=150, allow_blank=True, default="")


class WithSerializer(serializers.Serializer[Any]):
    """The other run of a comparison."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """``with`` is a word of Python, so it cannot be declared as an attribute."""
        return {"with": serializers.UUIDField()}


class BranchStepSerializer(serializers.Serializer[Any]):
    """A step in one of two branches."""

    state = serializers.CharField()
    output = serializers.JSONField()
    taken_over = serializers.BooleanField()
    overridden = serializers.BooleanField()
    tokens = serializers.IntegerField()
    money = serializers.DecimalField(max_digits=18, decimal_places=6)
    seconds = serializers.FloatField(allow_null=True)


class ComparedStepSerializer(serializers.Serializer[Any]):
    """One step in both branches."""

    key = serializers.CharField()
    title = serializers.CharField()
    differs = serializers.BooleanField()
    left = BranchStepSerializer(allow_null=True)
    right = BranchStepSerializer(allow_null=True)


class BranchTotalSerializer(serializers.Serializer[Any]):
    """What a branch used."""

    tokens = serializers.IntegerField()
    money = serializers.DecimalField(max_digits=18, decimal_places=6)
    seconds = serializers.FloatField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two runs side by side; ``inputs`` are those that differ, as [left, right]."""

    left = RunSerializer()
    right = RunSerializer()
    inputs = serializers.DictField(child=serializers.ListField())
    steps = ComparedStepSerializer(many=True)
    left_total = BranchTotalSerializer()
    right_total = BranchTotalSerializer()
