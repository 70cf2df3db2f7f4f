"""A policy as a form: its mode, stages in order, risk rules in order, and what happens when nobody decides."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.risk import Audience
from vos.web.presenters.oversight_terms import AUDIENCES, DAYS, FACTORS, MODES, MODES_SHORT

type Choices = list[tuple[str, str]]

MOST_STAGES, MOST_RULES = 20, 50
# What the names of a rule's own stages end in, in their order.
RULE_STAGES = ("", "_2", "_3")
_INPUT = {"class": "input", "autocomplete": "off"}
_SELECT = {"class": "input"}
_YES_NO = [("", gettext_lazy("either")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]


class HoursField(forms.CharField):
    """Whole hours with commas between them: ``4, 8, 24``."""

    def to_python(self, value: Any) -> Any:
        """The hours as a list."""
        parts = [part.strip() for part in str(value or "").replace(";", ",").split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise forms.ValidationError(_("Write whole hours with commas between them: 4, 8, 24."))
        return [int(part) for part in parts]


class DaysField(forms.CharField):
    """Days, one a line or with commas: ``2026-12-24``."""

    def to_python(self, value: Any) -> Any:
        """The days as a list."""
        parts = str(value or "").replace(",", " ").split()
        try:
            return [date.fromisoformat(part) for part in parts]
        except ValueError as error:
            raise forms.ValidationError(_("Write days as 2026-12-24, one a line.")) from error


class WhoForm(forms.Form):
    """A form that asks people or roles; ``who`` are the choices, such as ``("role:approver", …)`` and ``("user:12", …)``."""

    asked = forms.MultipleChoiceField(label=gettext_lazy("Who is asked"), required=False, widget=forms.CheckboxSelectMultiple)
    needed = forms.IntegerField(
        label=gettext_lazy("How many of them must agree"), initial=1, min_value=1, max_value=50, widget=forms.NumberInput(_INPUT)
    )

    def __init__(self, *args: Any, who: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].choices = who  # type: ignore[attr-defined]


class StageForm(WhoForm):
    """One stage of the chain."""

    title = forms.CharField(label=gettext_lazy("Stage"), max_length=120, widget=forms.TextInput(_INPUT))
    field_order = ("title", "asked", "needed")

    def clean_asked(self) -> list[str]:
        """Somebody, in any case."""
        if not self.cleaned_data["asked"]:
            raise forms.ValidationError(_("Choose whom this stage asks."))
        return list(self.cleaned_data["asked"])


class RuleForm(WhoForm):
    """One risk rule: conditions that must all hold, and what then applies. Nobody asked: the chain above.

    Its own stages, asked in order, are ``asked``, ``needed``, ``called`` and the same with ``_2`` and ``_3``; those that ask
    nobody do not count. A chain of more stages, which only REST can write, is ``kept_chain`` and stays unless somebody is chosen.
    """

    title = forms.CharField(label=gettext_lazy("Rule"), max_length=120, widget=forms.TextInput(_INPUT))
    money_from = forms.DecimalField(
        label=gettext_lazy("Amount from"), required=False, min_value=0, widget=forms.NumberInput({**_INPUT, "step": "any"})
    )
    money_below = forms.DecimalField(
        label=gettext_lazy("Amount below"), required=False, min_value=0, widget=forms.NumberInput({**_INPUT, "step": "any"})
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"), required=False, max_length=3, widget=forms.TextInput({**_INPUT, "placeholder": "USD"})
    )
    irreversible = forms.ChoiceField(
        label=gettext_lazy("Cannot be undone"), required=False, choices=_YES_NO, widget=forms.Select(_SELECT)
    )
    tainted = forms.ChoiceField(
        label=gettext_lazy("From text from outside"), required=False, choices=_YES_NO, widget=forms.Select(_SELECT)
    )
    audience = forms.MultipleChoiceField(
        label=gettext_lazy("Seen by"),
        required=False,
        choices=[(one.value, words) for one, words in AUDIENCES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: by whomever."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Then"),
        choices=[(mode.value, words) for mode, words in MODES_SHORT.items()],
        widget=forms.Select(_SELECT),
    )
    kept_chain = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, who: Choices, **kwargs: Any) -> None:
        super().__init__(*args, who=who, **kwargs)
        for suffix in RULE_STAGES:
            if suffix:
                self.fields[f"asked{suffix}"] = forms.MultipleChoiceField(
                    label=_("Who is asked then"), required=False, widget=forms.CheckboxSelectMultiple, choices=who
                )
                self.fields[f"needed{suffix}"] = forms.IntegerField(
                    label=_("How many of them must agree"),
                    required=False,
                    min_value=1,
                    max_value=50,
                    widget=forms.NumberInput({**_INPUT, "placeholder": "1"}),
                    help_text=_("Empty: one."),
                )
            self.fields[f"called{suffix}"] = forms.CharField(
                label=_("What this stage is called"),
                required=False,
                max_length=120,
                widget=forms.TextInput(_INPUT),
                help_text=_("Empty: as the rule."),
            )

    @property
    def own_stages(self) -> list[dict[str, Any]]:
        """The bound fields of each stage that the rule can have, for the page; ``open`` where it asks somebody."""
        return [
            {
                "asked": self[f"asked{suffix}"],
                "needed": self[f"needed{suffix}"],
                "called": self[f"called{suffix}"],
                "open": bool(self[f"asked{suffix}"].value()),
            }
            for suffix in RULE_STAGES
        ]

    def clean_currency(self) -> str:
        """In capitals, as ISO 4217 writes it."""
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """An amount needs its currency."""
        data = super().clean() or {}
        if not data.get("currency") and (data.get("money_from") is not None or data.get("money_below") is not None):
            self.add_error("currency", _("Which currency? Write its three letters, such as USD."))
        return data


class PolicyForm(forms.Form):
    """Everything but stages and rules."""

    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"), choices=[(mode.value, words) for mode, words in MODES.items()], widget=forms.RadioSelect
    )
    four_eyes = forms.BooleanField(label=gettext_lazy("Four eyes: nobody votes in two stages"), required=False)
    second_factor = forms.ChoiceField(
        label=gettext_lazy("Second factor"), required=False, choices=[(f.value, words) for f, words in FACTORS.items()],
        widget=forms.Select(_SELECT),
    )  # fmt: skip
    valid_for_hours = forms.IntegerField(
        label=gettext_lazy("Hours to decide"), min_value=1, max_value=10 * 366 * 24, widget=forms.NumberInput(_INPUT),
        help_text=gettext_lazy("After that the request expires. 336 hours are 14 days."),
    )  # fmt: skip
    object_within_hours = forms.IntegerField(
        label=gettext_lazy("Hours to object"), min_value=1, max_value=366 * 24, widget=forms.NumberInput(_INPUT),
        help_text=gettext_lazy("Counts on the loop only."),
    )  # fmt: skip
    sample_percent = forms.IntegerField(
        label=gettext_lazy("Sample for review, %"), min_value=0, max_value=100, widget=forms.NumberInput(_INPUT),
        help_text=gettext_lazy("Counts over the loop only."),
    )  # fmt: skip
    reminders = HoursField(
        label=gettext_lazy("Remind after"), required=False, widget=forms.TextInput({**_INPUT, "placeholder": "4, 8"}),
        help_text=gettext_lazy("Working hours after a stage was asked. Empty: never."),
    )  # fmt: skip
    escalation_after = forms.IntegerField(
        label=gettext_lazy("Ask others too after"), required=False, min_value=1, max_value=2000, widget=forms.NumberInput(_INPUT),
        help_text=gettext_lazy("Working hours. Empty: nobody else is asked."),
    )  # fmt: skip
    escalation_to = forms.MultipleChoiceField(label=gettext_lazy("Whom"), required=False, widget=forms.CheckboxSelectMultiple)
    has_hours = forms.BooleanField(label=gettext_lazy("Only working hours count for reminders and escalation"), required=False)
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), required=False, max_length=64, widget=forms.TextInput(_INPUT))
    workdays = forms.MultipleChoiceField(
        label=gettext_lazy("Working days"), required=False, choices=[(str(n), day) for n, day in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    opens = forms.TimeField(
        label=gettext_lazy("From"), required=False, widget=forms.TimeInput({**_INPUT, "type": "time"}, format="%H:%M")
    )
    closes = forms.TimeField(
        label=gettext_lazy("To"), required=False, widget=forms.TimeInput({**_INPUT, "type": "time"}, format="%H:%M")
    )
    country = forms.CharField(
        label=gettext_lazy("Public holidays of"), required=False, max_length=2,
        widget=forms.TextInput({**_INPUT, "placeholder": "DE"}),
        help_text=gettext_lazy("Two letters: US, DE, GB."),
    )  # fmt: skip
    subdivision = forms.CharField(
        label=gettext_lazy("State or province"),
        required=False,
        max_length=10,
        widget=forms.TextInput({**_INPUT, "placeholder": "BY"}),
    )
    days_off = DaysField(
        label=gettext_lazy("Days off of your own"), required=False, widget=forms.Textarea({**_INPUT, "rows": 2}),
        help_text=gettext_lazy("As 2026-12-24, one a line."),
    )  # fmt: skip

    def __init__(self, *args: Any, who: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["escalation_to"].choices = who  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Who is asked in addition, if anybody; and days and hours where working hours count."""
        data = super().clean() or {}
        if data.get("escalation_after") and not data.get("escalation_to"):
            self.add_error("escalation_to", _("Choose who is asked then."))
        if data.get("has_hours"):
            for name in ("workdays", "opens", "closes", "time_zone"):
                if not data.get(name):
                    self.add_error(name, _("Needed where only working hours count."))
        return data


class TryForm(forms.Form):
    """An example action, to see what the policy would do with it."""

    money = forms.DecimalField(
        label=gettext_lazy("Amount"), required=False, min_value=0, widget=forms.NumberInput({**_INPUT, "step": "any"}),
        help_text=gettext_lazy("Empty: nobody knows, which counts as more than any limit."),
    )  # fmt: skip
    currency = forms.CharField(
        label=gettext_lazy("Currency"), required=False, max_length=3, widget=forms.TextInput({**_INPUT, "placeholder": "USD"})
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Seen by"), initial=Audience.CUSTOMER.value,
        choices=[(one.value, words) for one, words in AUDIENCES.items()], widget=forms.Select(_SELECT),
    )  # fmt: skip
    irreversible = forms.BooleanField(label=gettext_lazy("It cannot be undone"), required=False)
    tainted = forms.BooleanField(label=gettext_lazy("It derives from text from outside"), required=False)


def stages_of(*, who: Choices, posted: Any, initial: list[dict[str, Any]], extra: int) -> Any:
    """The formset of the stages."""
    return _rows(StageForm, "stages", who, posted, initial, extra, MOST_STAGES)


def rules_of(*, who: Choices, posted: Any, initial: list[dict[str, Any]], extra: int) -> Any:
    """The formset of the rules."""
    return _rows(RuleForm, "rules", who, posted, initial, extra, MOST_RULES)


def in_order(rows: Any) -> Iterable[dict[str, Any]]:
    """What was filled in, in the order that was asked for, without what was removed. Of a valid formset."""
    return [form.cleaned_data for form in rows.ordered_forms if form.cleaned_data]


def _rows(
    kind: type[WhoForm], prefix: str, who: Choices, posted: Any, initial: list[dict[str, Any]], extra: int, most: int
) -> Any:
    made = forms.formset_factory(kind, extra=extra, can_order=True, can_delete=True, max_num=most, absolute_max=most)
    return made(posted, initial=initial, prefix=prefix, form_kwargs={"who": who})
