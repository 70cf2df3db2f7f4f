"""Processes as JSON."""

from typing import Any

from rest_framework import serializers

from kernel.processes.models import Process, ProcessEvent
from kernel.scheduler.policies import Priority

_CLASSES = [(priority.name.lower(), priority.name.lower()) for priority in Priority]


class ProcessSerializer(serializers.ModelSerializer[Process]):
    """A process in a list."""

    priority = serializers.SerializerMethodField()
    used = serializers.SerializerMethodField()
    limits = serializers.SerializerMethodField()

    class Meta:
        model = Process
        fields: tuple[str, ...] = (
            "pid", "agent", "subject", "state", "signal", "priority", "parent", "group", "depth", "method", "actor",
            "waiting_for", "program", "restart", "failures", "used", "limits", "error", "created_at", "started_at",
            "heartbeat_at", "ended_at",
        )  # fmt: skip

    def get_priority(self, process: Process) -> str:
        """Its class: interactive, normal or batch."""
        return Priority(process.priority).name.lower()

    def get_used(self, process: Process) -> dict[str, int]:
        """What it has used so far."""
        return {"steps": process.used_steps, "tokens": process.used_tokens, "tool_calls": process.used_tool_calls}

    def get_limits(self, process: Process) -> dict[str, int | None]:
        """Its bounds; null does not bound."""
        names = ("steps", "tokens", "seconds", "tool_calls", "depth", "children")
        return {name: getattr(process, f"limit_{name}") for name in names}


class ProcessDetailSerializer(ProcessSerializer):
    """One process with what it was given and what came of it."""

    class Meta(ProcessSerializer.Meta):
        fields = (*ProcessSerializer.Meta.fields, "inputs", "result")


class ProcessEventSerializer(serializers.ModelSerializer[ProcessEvent]):
    """One thing a process did or said."""

    class Meta:
        model = ProcessEvent
        fields = ("number", "kind", "data", "occurred_at")


class NiceSerializer(serializers.Serializer[Any]):
    """Another class."""

    priority = serializers.ChoiceField(choices=_CLASSES)


class WholeGroupSerializer(serializers.Serializer[Any]):
    """Whether the whole group is meant; ``changed`` in the answer lists whom it reached."""

    group = serializers.BooleanField(default=False)


class AfterSerializer(serializers.Serializer[Any]):
    """From where on to read."""

    after = serializers.IntegerField(min_value=0, default=0, help_text="The number of the last event you saw.")
