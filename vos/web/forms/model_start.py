"""The form that starts a model from nothing: blank, or from the drivers of a pack."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.editing.start import Frame
from valuefabric.domain.packs import Pack

_INPUT = {"class": "input", "autocomplete": "off"}
_SELECT = {"class": "input"}
_IMPACTS = (("revenue", gettext_lazy("revenue")), ("cost", gettext_lazy("cost")), ("risk", gettext_lazy("risk")))
_COLUMNS = (("12", gettext_lazy("years")), ("3", gettext_lazy("quarters")), ("1", gettext_lazy("months")))
BLANK = "blank"


class ModelStartForm(forms.Form):
    """What a model needs before its first figure."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, widget=forms.TextInput(_INPUT))
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        widget=forms.TextInput({**_INPUT, "maxlength": 3}),
        validators=[RegexValidator(r"^[A-Za-z]{3}$", gettext_lazy("Three letters, such as USD or EUR."))],
    )
    columns = forms.IntegerField(
        label=gettext_lazy("How many columns"),
        min_value=1,
        max_value=120,
        initial=3,
        widget=forms.NumberInput({"class": "input"}),
    )
    months = forms.ChoiceField(
        label=gettext_lazy("A column is one of"), choices=_COLUMNS, initial="12", widget=forms.Select(_SELECT)
    )
    has_start = forms.BooleanField(
        label=gettext_lazy("A column of its own for what is paid at the start"), required=False, initial=True
    )
    rate = forms.CharField(
        label=gettext_lazy("Discount rate of a year"),
        initial="10 %",
        max_length=20,
        widget=forms.TextInput({**_INPUT, "inputmode": "decimal"}),
        help_text=gettext_lazy("The customer's own, if their finance has named one."),
    )
    origin = forms.ChoiceField(label=gettext_lazy("Begin with"), widget=forms.Select(_SELECT))
    driver = forms.CharField(
        label=gettext_lazy("What moves value first"),
        max_length=200,
        required=False,
        widget=forms.TextInput({**_INPUT, "placeholder": gettext_lazy("e.g. Support hours saved")}),
        help_text=gettext_lazy("Needed for a blank model. More drivers can follow."),
    )
    impact = forms.ChoiceField(label=gettext_lazy("It moves"), choices=_IMPACTS, widget=forms.Select(_SELECT))

    def __init__(self, data: Any = None, *, packs: Sequence[Pack], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._packs = {pack.key: pack for pack in packs}
        choices = [(BLANK, _("a blank sheet"))]
        for pack in packs:
            choices.append((f"{pack.key}:", _("all drivers of %(pack)s") % {"pack": pack.title}))
            choices += [(f"{pack.key}:{driver.key}", f"{pack.title}: {driver.label}") for driver in pack.drivers]
        self.fields["origin"].choices = choices  # type: ignore[attr-defined] # a choice field, which the stubs cannot know

    def clean_currency(self) -> str:
        """In capitals, as the code is written."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """The rate read, and a driver's name for a blank sheet."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("origin") == BLANK and not cleaned.get("driver", "").strip():
            self.add_error("driver", _("Say what moves value first, in a few words."))
        try:
            cleaned["discount_rate"] = read_typed(cleaned.get("rate", ""), "percent")
        except FigureRefused as error:
            self.add_error("rate", str(error))
        else:
            if not 0 <= cleaned["discount_rate"] <= 1:
                self.add_error("rate", _("Between 0 % and 100 %."))
        return cleaned

    @property
    def frame(self) -> Frame:
        """For a valid form."""
        cleaned = self.cleaned_data
        return Frame(
            title=cleaned["title"],
            currency=cleaned["currency"],
            discount_rate=cleaned["discount_rate"],
            columns=cleaned["columns"],
            months_per_period=int(cleaned["months"]),
            has_start=cleaned["has_start"],
        )

    @property
    def chosen(self) -> tuple[Pack, list[str]] | None:
        """The pack and the keys of its drivers to begin with; None for a blank sheet."""
        key, _colon, driver = self.cleaned_data["origin"].partition(":")
        pack = self._packs.get(key)
        if pack is None:
            return None
        return pack, [driver] if driver else [one.key for one in pack.drivers]
