"""Operators govern packs and rules here: add versions, enable packs, activate a rule set. Nothing is edited in place."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from pydantic import ValidationError as ContentInvalid
from unfold.admin import ModelAdmin

from kernel.actors import operator_actor
from valuefabric.domain.manifesto import RuleError
from valuefabric.domain.packs import PackError, load_pack
from valuefabric.governance.models import Pack, RuleSet
from valuefabric.governance.services import pack_add, pack_enable, rule_set_activate, rule_set_add, rule_set_with


def _operator(request: HttpRequest) -> str:
    return operator_actor(request.user.pk or 0)


class _VersionAdmin(ModelAdmin):
    """What is there is shown; a change is another version."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Actions and the list need it; the form's fields are read-only.
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PackForm(forms.ModelForm):
    """A new pack, or a new version of one, as its text."""

    class Meta:
        model = Pack
        fields = ("text",)

    def clean(self) -> dict[str, Any]:
        """Refuse here what the service would refuse, where it can be shown beside the field."""
        cleaned = super().clean() or {}
        try:
            read = load_pack(cleaned.get("text", ""))
        except PackError as error:
            raise ValidationError({"text": str(error)}) from error
        if Pack.objects.filter(key=read.key, version=read.version).exists():
            raise ValidationError({"text": f"There is a version {read.version} of {read.key} already; raise the version."})
        return cleaned


@admin.register(Pack)
class PackAdmin(_VersionAdmin):
    """Value packs by version."""

    form = PackForm
    list_display = ("key", "version", "title", "enabled", "loaded_at")
    list_filter = ("enabled", "key")
    search_fields = ("key", "title")
    actions = ("enable", "disable")

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Pack | None:
        """Add it through the service."""
        return pack_add(text=form.cleaned_data["text"], actor=_operator(request))

    def save_model(self, request: HttpRequest, obj: Pack, form: Any, change: bool) -> None:
        """Saved by ``save_form``."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is related."""

    @admin.action(description="Enable for new work")
    def enable(self, request: HttpRequest, rows: QuerySet[Pack]) -> None:
        """Let new work use the chosen packs."""
        for pack in rows:
            pack_enable(pack=pack, enabled=True, actor=_operator(request))

    @admin.action(description="Disable for new work")
    def disable(self, request: HttpRequest, rows: QuerySet[Pack]) -> None:
        """Keep new work from using the chosen packs."""
        for pack in rows:
            pack_enable(pack=pack, enabled=False, actor=_operator(request))


class RuleSetForm(forms.ModelForm):
    """A new rule set: what differs from the active one."""

    severities = forms.JSONField(required=False, initial=dict, help_text='Rule → severity, such as {"plain_words": "major"}.')
    parameters = forms.JSONField(
        required=False, initial=dict, help_text='Rule → parameter → value, such as {"several_functions": {"least": 3}}.'
    )

    class Meta:
        model = RuleSet
        fields = ("version",)

    def clean(self) -> dict[str, Any]:
        """Refuse here what the service would refuse, where it can be shown."""
        cleaned = super().clean() or {}
        try:
            rule_set_with(**self.wanted())
        except (RuleError, ContentInvalid, AttributeError, TypeError) as error:
            raise ValidationError(str(error)) from error
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """What the service is asked for."""
        given = self.cleaned_data
        return {
            "version": given.get("version", ""),
            "severities": given.get("severities") or {},
            "parameters": given.get("parameters") or {},
        }


@admin.register(RuleSet)
class RuleSetAdmin(_VersionAdmin):
    """The manifesto's rules by version."""

    form = RuleSetForm
    list_display = ("version", "active", "built_in", "hash", "created_by", "created_at")
    actions = ("activate",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("version", "severities", "parameters")
        return ("version", "active", "built_in", "hash", "rules", "created_by", "created_at")

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> RuleSet:
        """Add it through the service."""
        return rule_set_add(**form.wanted(), actor=_operator(request))

    def save_model(self, request: HttpRequest, obj: RuleSet, form: Any, change: bool) -> None:
        """Saved by ``save_form``."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is related."""

    @admin.action(description="Review by this rule set from now on")
    def activate(self, request: HttpRequest, rows: QuerySet[RuleSet]) -> None:
        """Activate the one chosen."""
        if rows.count() != 1:
            self.message_user(request, "Choose exactly one rule set: one is active at a time.", messages.ERROR)
            return
        rule_set_activate(rule_set=rows.get(), actor=_operator(request))
