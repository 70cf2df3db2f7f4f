"""What verbs ask for before they are done: a reason, another output, changed inputs, words for an agent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vos.web.forms.typed import JsonField, TypedForm, specs_of
from workflows.definition import ComputeStep
from workflows.definition.values import InputSpec
from workflows.models import Execution, Step

_REASON = {"class": "input", "rows": 3, "maxlength": 4000}


class ReasonForm(TypedForm):
    """A reason, which is kept with the run."""

    reason = forms.CharField(
        label=_("Reason"), max_length=4000, widget=forms.Textarea(_REASON), help_text=_("Kept with the run and in the audit.")
    )


class MessageForm(TypedForm):
    """What an agent is told while it works."""

    message = forms.CharField(
        label=_("Message"),
        max_length=4000,
        widget=forms.Textarea(_REASON),
        help_text=_("It reads it in its next question to a model, as a person's instruction."),
    )


class PriorityForm(TypedForm):
    """The class of a run."""

    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=(
            ("interactive", _("Interactive: somebody waits for it")),
            ("normal", _("Normal")),
            ("batch", _("Batch: when nothing else is to be done")),
        ),
        widget=forms.Select({"class": "input"}),
    )


class SignalForm(TypedForm):
    """What is sent along with a signal."""

    payload = JsonField(
        label=_("With it"),
        required=False,
        widget=forms.Textarea({**_REASON, "class": "input code", "spellcheck": "false"}),
        help_text=_('As JSON, by name: {"note": "as agreed"}. Empty: nothing.'),
    )

    def clean_payload(self) -> Any:
        """Names with values, or nothing."""
        payload = self.cleaned_data["payload"]
        if payload is not None and not isinstance(payload, dict):
            raise forms.ValidationError(_('Write names with values: {"name": value}.'))
        return payload


class ForkForm(TypedForm):
    """Changed inputs, and from which step on everything is done anew."""

    step = forms.ChoiceField(label=_("From which step on"), widget=forms.Select({"class": "input"}))
    reason = forms.CharField(
        label=_("What is tried"), max_length=4000, required=False, widget=forms.TextInput({"class": "input"})
    )

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = steps  # type: ignore[attr-defined]


def output_specs(step: Step) -> tuple[Mapping[str, InputSpec], Mapping[str, Any]]:
    """The fields for a step's output, and what stands in them: as its definition declares it, else as it was before."""
    spec, former = step.execution.graph.steps.get(step.key), dict(step.output or {})
    declared = dict(spec.output) if spec else {}
    if step.kind == "branch" and spec:
        taken = InputSpec(type="text", one_of=tuple(dict.fromkeys(spec.targets)), description=str(_("The way on.")))
        return {"taken": taken}, {}
    if isinstance(spec, ComputeStep):
        declared = {**{name: InputSpec(type="any") for name in spec.values}, **declared}
    known = {**declared, **{name: one for name, one in specs_of(former).items() if name not in declared}}
    return known or {"output": InputSpec(type="mapping", required=False, description=str(_('As JSON: {"name": value}')))}, former


def output_of(values: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """The output that a filled-in form stands for."""
    if set(values) <= {"output"} and not (step.output or {}).get("output"):
        return dict(values.get("output") or {})
    return dict(values)


def fork_specs(run: Execution) -> Mapping[str, InputSpec]:
    """The run's inputs as they can be changed; the customer that it is about is not among them."""
    about = "customer" if run.subject == f"customer:{run.inputs.get('customer')}" else ""
    return {
        name: spec.model_copy(update={"required": spec.required and spec.default is None})
        for name, spec in run.graph.inputs.items()
        if name != about
    }
