"""Bringing a spreadsheet: the upload, and what a person decides before it becomes a model."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from valuefabric.domain.editing import FigureRefused, read_typed
from valuefabric.domain.imports import Choices, ImportedRow
from valuefabric.domain.model import ModelDocument
from valuefabric.models import ValueModel

ACCEPT = ".xlsx,.yaml,.yml,.json,.md"
LARGEST = 5_000_000
LIMIT = "5 MB"
NEW = "new"
_INPUT = {"class": "input", "autocomplete": "off"}
_SELECT = {"class": "input"}
_ROLES = (("benefit", gettext_lazy("a benefit")), ("cost", gettext_lazy("a cost")), ("none", gettext_lazy("not counted")))


class ModelFileForm(forms.Form):
    """A file; what it is its content decides."""

    file = forms.FileField(
        label=gettext_lazy("A file"), max_length=255, widget=forms.ClearableFileInput({"accept": ACCEPT, "class": "input"})
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("It is larger than %(limit)s. Bring the sheets of one case.") % {"limit": LIMIT})
        return file


class ImportChoicesForm(forms.Form):
    """What was assumed, to be confirmed or decided otherwise: one choice for each row of money, and the frame."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, widget=forms.TextInput(_INPUT))
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        widget=forms.TextInput({**_INPUT, "maxlength": 3}),
        validators=[RegexValidator(r"^[A-Za-z]{3}$", gettext_lazy("Three letters, such as USD or EUR."))],
    )
    rate = forms.CharField(
        label=gettext_lazy("Discount rate of a year"),
        max_length=20,
        widget=forms.TextInput({**_INPUT, "inputmode": "decimal"}),
    )
    target = forms.ChoiceField(label=gettext_lazy("It becomes"), widget=forms.Select(_SELECT))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        required=False,
        widget=forms.TextInput({**_INPUT, "placeholder": gettext_lazy("e.g. The seller's sheet of May")}),
        help_text=gettext_lazy("It stays with the version and your name."),
    )

    def __init__(self, data: Any, *, document: ModelDocument, rows: Sequence[ImportedRow], models: Sequence[ValueModel]) -> None:
        rate = f"{(document.conventions.discount_rate * 100).normalize():f} %"
        initial = {"title": document.title, "currency": document.currency, "rate": rate, "target": NEW}
        super().__init__(data, initial=initial)
        self._assumed = {row.key: row.role or "none" for row in rows}
        self._models = {str(model.public_id): model for model in models}
        versions = [(key, _("the next version of “%(title)s”") % {"title": model.title}) for key, model in self._models.items()]
        self.fields["target"].choices = [(NEW, _("a new model")), *versions]  # type: ignore[attr-defined] # a choice field
        money = money_rows(document, rows)
        for row in money:
            name = role_name(row.key)
            self.fields[name] = forms.ChoiceField(choices=_ROLES, required=False, widget=forms.Select(_SELECT), label=row.label)
            self.initial[name] = self._assumed[row.key]
        if self.is_bound:  # a list that was not sent keeps what was assumed
            assumed = {role_name(row.key): self._assumed[row.key] for row in money}
            self.data = {**assumed, **{name: self.data[name] for name in self.data}}

    def clean_currency(self) -> str:
        """In capitals, as the code is written."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_rate(self) -> Decimal:
        """The rate as a fraction."""
        try:
            rate = read_typed(self.cleaned_data["rate"], "percent")
        except FigureRefused as error:
            raise forms.ValidationError(str(error)) from error
        if not 0 <= rate <= 1:
            raise forms.ValidationError(_("Between 0 % and 100 %."))
        return rate

    @property
    def choices(self) -> Choices:
        """For a valid form: what differs from what was assumed, and the frame."""
        cleaned = self.cleaned_data
        chosen = {key: cleaned.get(role_name(key)) for key in self._assumed if role_name(key) in self.fields}
        roles = {key: role for key, role in chosen.items() if role and role != self._assumed[key]}
        return Choices(roles=roles, discount_rate=cleaned["rate"], currency=cleaned["currency"], title=cleaned["title"])

    @property
    def model(self) -> ValueModel | None:
        """The model whose next version the import becomes; None for a new one."""
        return self._models.get(self.cleaned_data["target"])


def role_name(key: str) -> str:
    """The field of a row's role."""
    return f"role-{key}"


def money_rows(document: ModelDocument, rows: Sequence[ImportedRow]) -> list[ImportedRow]:
    """The rows that could count: those in the model's currency."""
    return [row for row in rows if row.unit == document.currency]
