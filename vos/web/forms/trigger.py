"""The form of a trigger: what it waits for, what it starts, and what it gives to the run."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vos.web.forms.typed import JsonField
from workflows.triggers.models import MOST_CAUGHT_UP, CatchUp, Kind, Trigger
from workflows.triggers.services import TriggerSpec

_INPUT = {"class": "input", "autocomplete": "off"}
_CODE = {"class": "input code", "rows": 4, "spellcheck": "false"}
_OF_KIND = {Kind.EVENT: ("topic", "match"), Kind.CRON: ("crontab", "time_zone", "catch_up", "catch_up_most")}
_ASKED = _('As JSON, by name: {"share": 0.25}. What is set here is not asked for; the others are, in the form or by the call.')
_REFERENCES = {
    Kind.EVENT: _("As JSON, by name. ${event.data.customer} is what came with the event; ${time} when it fired."),
    Kind.API: _ASKED,
    Kind.FORM: _ASKED,
    Kind.WEBHOOK: _("As JSON, by name. ${body.customer} is what was sent; ${delivery.id} and ${time} are known too."),
}
_ABOUT = {Kind.EVENT: "customer:${event.data.customer}", Kind.WEBHOOK: "customer:${body.customer}"}
_PLAIN = _('As JSON, by name: {"share": 0.25}. ${time} is when it fired.')


class TriggerForm(forms.Form):
    """The fields of one kind; the others do not count for it."""

    title = forms.CharField(label=_("Title"), max_length=120, widget=forms.TextInput(_INPUT))
    definition = forms.ChoiceField(label=_("Starts"), widget=forms.Select({"class": "input"}))
    topic = forms.ChoiceField(label=_("When this happens"), widget=forms.Select({"class": "input"}))
    match = JsonField(
        label=_("Only where the event's data contain"),
        required=False,
        widget=forms.Textarea(_CODE),
        help_text=_('As JSON: {"stage": "commit"}. Empty: always.'),
    )
    crontab = forms.CharField(
        label=_("At these times"),
        max_length=120,
        widget=forms.TextInput({**_INPUT, "placeholder": "0 6 * * 1"}),
        help_text=_("Minute, hour, day, month, weekday: 0 6 * * 1 is Mondays at six."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        required=False,
        widget=forms.TextInput({**_INPUT, "placeholder": "Europe/Berlin"}),
        help_text=_("Empty: this workspace's."),
    )
    catch_up = forms.ChoiceField(
        label=_("For times that were missed"),
        choices=CatchUp.choices,
        initial=CatchUp.LATEST,
        widget=forms.Select({"class": "input"}),
    )
    catch_up_most = forms.IntegerField(
        label=_("At most so many of them"), initial=10, min_value=1, max_value=MOST_CAUGHT_UP, widget=forms.NumberInput(_INPUT)
    )
    inputs = JsonField(label=_("Inputs of the run"), required=False, widget=forms.Textarea(_CODE), help_text=_PLAIN)
    subject = forms.CharField(
        label=_("What it is about"),
        max_length=200,
        required=False,
        widget=forms.TextInput(_INPUT),
        help_text=_("Empty: the customer that the run is given, if it is given one."),
    )
    most_an_hour = forms.IntegerField(
        label=_("Runs an hour, at most"), initial=600, min_value=1, max_value=100_000, widget=forms.NumberInput(_INPUT)
    )

    def __init__(
        self, *args: Any, kind: Kind, definitions: Iterable[tuple[str, str]], topics: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["definition"].choices = list(definitions)  # type: ignore[attr-defined]
        self.fields["topic"].choices = [(topic, topic) for topic in topics]  # type: ignore[attr-defined]
        self.fields["inputs"].help_text = _REFERENCES.get(kind, _PLAIN)
        self.fields["subject"].widget.attrs["placeholder"] = _ABOUT.get(kind, "")
        if kind not in (Kind.API, Kind.FORM):
            self.fields["subject"].help_text = ""
        for other, names in _OF_KIND.items():
            for name in names if other != kind else ():
                del self.fields[name]

    @property
    def spec(self) -> TriggerSpec:
        """What was filled in, of a valid form."""
        data = {name: value for name, value in self.cleaned_data.items() if value is not None}
        if "catch_up" in data:
            data["catch_up"] = CatchUp(data["catch_up"])
        return TriggerSpec(kind=self.kind, **data)

    def clean(self) -> dict[str, Any]:
        """What is written as JSON has names."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("inputs", "match"):
            if data.get(name) is not None and not isinstance(data[name], dict):
                self.add_error(name, _('Write names with values: {"name": value}.'))
        return data


def initial_of(trigger: Trigger) -> dict[str, Any]:
    """What stands in the form of a trigger that there is."""
    names = ("title", "definition", "topic", "crontab", "time_zone", "catch_up", "catch_up_most", "subject", "most_an_hour")
    return {**{name: getattr(trigger, name) for name in names}, "inputs": trigger.inputs or None, "match": trigger.match or None}


class BackfillForm(forms.Form):
    """From when on, and before when, times that passed without a run get one."""

    start = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput({**_INPUT, "type": "datetime-local"}))
    end = forms.DateTimeField(label=_("Before"), widget=forms.DateTimeInput({**_INPUT, "type": "datetime-local"}))
