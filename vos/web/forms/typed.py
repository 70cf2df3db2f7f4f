"""Forms made of declared types: the inputs of a workflow, the output of a step."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from vos.web.presenters.values import label_of
from workflows.definition.values import InputSpec

_INPUT = {"class": "input", "autocomplete": "off"}
_PREFIX = "value-"
_TYPE_OF = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list", dict: "mapping"}


class JsonField(forms.CharField):
    """A value that has no field of its own, written as JSON."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """The value; None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValidationError(_("This is not JSON: %(why)s.") % {"why": error}) from error

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field."""
        return value if isinstance(value, str) or value is None else json.dumps(value, indent=2, ensure_ascii=False)


class LinesField(forms.CharField):
    """A list of texts or numbers, one a line."""

    widget = forms.Textarea

    def __init__(self, *, kind: type = str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._kind = kind

    def to_python(self, value: Any) -> Any:
        """The list; None for nothing."""
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        try:
            return [self._kind(line) for line in lines] or None
        except ValueError as error:
            raise ValidationError(_("One number a line, please.")) from error

    def prepare_value(self, value: Any) -> Any:
        """One a line."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value


class TypedForm(forms.Form):
    """A field for each of ``specs``. ``values`` gives what was filled in; what was left empty is left out."""

    def __init__(self, *args: Any, specs: Mapping[str, InputSpec], given: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = list(specs)
        for name, spec in specs.items():
            value = (given or {}).get(name, spec.default)
            self.fields[f"{_PREFIX}{name}"] = _field(name, spec, value)

    @property
    def values(self) -> dict[str, Any]:
        """By name, of a valid form."""
        found = {name: _as_meant(self.cleaned_data[f"{_PREFIX}{name}"]) for name in self._names}
        return {name: value for name, value in found.items() if value is not None and value != ""}

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        """The fields in the order in which they are asked: what is chosen, what is filled in, and why."""
        typed = [f"{_PREFIX}{name}" for name in self._names]
        last = [name for name in ("reason", "message") if name in self.fields]
        own = [name for name in self.fields if name not in typed and name not in last]
        return [self[name] for name in (*own, *typed, *last)]


def _as_meant(value: Any) -> Any:
    """Browsers send two characters for each end of a line."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def specs_of(values: Mapping[str, Any]) -> dict[str, InputSpec]:
    """Types for values that nobody declared, as they are."""
    return {name: InputSpec(type=_TYPE_OF.get(type(value), "any"), required=False) for name, value in values.items()}


def _field(name: str, spec: InputSpec, value: Any) -> forms.Field:  # noqa: PLR0911  -- one for each type
    needed = spec.required and spec.default is None
    common = {"label": label_of(name), "required": needed, "help_text": spec.description, "initial": value}
    if spec.one_of is not None:
        return _choice(spec, common)
    match spec.type:
        case "boolean":
            return _yes_or_no(common)
        case "integer":
            return forms.IntegerField(
                widget=forms.NumberInput(_INPUT), min_value=_whole(spec.minimum), max_value=_whole(spec.maximum), **common
            )
        case "number":
            widget = forms.NumberInput({**_INPUT, "step": "any"})
            return forms.FloatField(widget=widget, min_value=spec.minimum, max_value=spec.maximum, **common)
        case "list" if _is_plain_list(spec, value):
            kind = {"integer": int, "number": float}.get(spec.items.type if spec.items else "text", str)
            return LinesField(kind=kind, widget=forms.Textarea({**_INPUT, "rows": 4}), **common)
        case "list" | "mapping" | "any":
            return JsonField(widget=forms.Textarea({**_INPUT, "rows": 6, "spellcheck": "false", "class": "input code"}), **common)
    long = spec.multiline or (isinstance(value, str) and (len(value) > 120 or "\n" in value))
    return forms.CharField(widget=forms.Textarea({**_INPUT, "rows": 4}) if long else forms.TextInput(_INPUT), **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _is_plain_list(spec: InputSpec, value: Any) -> bool:
    if spec.items is not None:
        return spec.items.type in ("text", "integer", "number")
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _choice(spec: InputSpec, common: dict[str, Any]) -> forms.Field:
    known = {str(one): one for one in spec.one_of or ()}
    choices = [(key, key) for key in known]
    blank = [] if common["required"] else [("", "–")]
    return forms.TypedChoiceField(
        choices=[*blank, *choices], coerce=known.__getitem__, empty_value=None, widget=forms.Select({"class": "input"}), **common
    )


def _yes_or_no(common: dict[str, Any]) -> forms.Field:
    # A choice and no box: an empty box could mean "no" as well as "not said".
    initial = {True: "yes", False: "no"}.get(common.pop("initial"), "")
    blank = [] if common["required"] else [("", "–")]
    return forms.TypedChoiceField(
        choices=[*blank, ("yes", _("yes")), ("no", _("no"))],
        coerce=lambda text: text == "yes",
        empty_value=None,
        initial=initial,
        widget=forms.Select({"class": "input"}),
        **common,
    )
