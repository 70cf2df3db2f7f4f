"""Operators make tenants here, and govern their members and hosts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_tenants.utils import get_public_schema_name
from unfold.admin import ModelAdmin, TabularInline

from kernel.actors import operator_actor
from tenants.models import Domain, Membership, Portfolio, Tenant
from tenants.provisioning.services import tenant_provision
from tenants.roles import Role
from tenants.services import host_remove, host_save, member_add, member_remove, tenant_update

MAY_CHANGE = ("name", "portfolio", "time_zone", "is_active")


class NewTenantForm(forms.ModelForm):
    """What a tenant is made of. The schema's name stays for ever."""

    host = forms.CharField(max_length=253, help_text="Where its people find it, such as acme.example.com. No port, no https://.")

    class Meta:
        model = Tenant
        fields = ("name", "schema_name", "portfolio", "time_zone")

    def clean_schema_name(self) -> str:
        """No name that Postgres or VOS keeps for itself."""
        name: str = self.cleaned_data["schema_name"]
        if name in ("public", "extensions", "information_schema") or name.startswith("pg_"):
            raise ValidationError(f"{name} is kept for the database itself; take another name.")
        return name

    def clean_host(self) -> str:
        """A host name that leads nowhere yet."""
        host: str = self.cleaned_data["host"].strip().lower()
        if not host.replace("-", "").replace(".", "").isalnum():
            raise ValidationError("Write a host name such as acme.example.com: no port, no https://.")
        if Domain.objects.filter(domain=host).exists():
            raise ValidationError(f"{host} leads to a tenant already.")
        return host


class MembersInline(TabularInline):
    """Who belongs to the tenant, and as what."""

    model = Membership
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    verbose_name_plural = "members"
    extra = 0


class HostsInline(TabularInline):
    """Which hosts lead to the tenant."""

    model = Domain
    fields = ("domain", "is_primary")
    verbose_name = "host"
    verbose_name_plural = "hosts"
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """With at least one host: without any nobody finds the tenant. To close it, make it inactive."""
        return super().get_formset(request, obj, **kwargs | {"min_num": 1, "validate_min": True})


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    """Tenants are made, renamed, closed and opened again; none is deleted here, with all that it holds."""

    list_display = ("name", "schema_name", "hosts", "members", "portfolio", "is_active", "is_demo", "created_at")
    list_filter = ("is_active", "is_demo", "portfolio")
    search_fields = ("name", "schema_name", "domains__domain")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """The operators' own side is no tenant."""
        tenants = super().get_queryset(request).exclude(schema_name=get_public_schema_name())
        rows: QuerySet[Tenant] = tenants.prefetch_related("domains").annotate(member_count=Count("memberships", distinct=True))
        return rows

    @admin.display(description="hosts")
    def hosts(self, tenant: Tenant) -> str:
        """Its hosts, the primary one first."""
        return ", ".join(one.domain for one in sorted(tenant.domains.all(), key=lambda one: (not one.is_primary, one.domain)))

    @admin.display(description="members", ordering="member_count")
    def members(self, tenant: Any) -> int:
        """How many people belong to it."""
        return int(tenant.member_count)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs if change else kwargs | {"form": NewTenantForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("name", "schema_name", "host", "portfolio", "time_zone")
        return (*MAY_CHANGE, "schema_name", "is_demo", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("schema_name", "is_demo", "created_at")

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else (MembersInline, HostsInline)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Make a new one through the service: schema, role, grants and host together or not at all."""
        if change:
            return super().save_form(request, form, change)
        given = form.cleaned_data
        made = tenant_provision(
            schema_name=given["schema_name"],
            name=given["name"],
            host=given["host"],
            actor=_operator(request),
            portfolio=given["portfolio"],
        )
        return tenant_update(tenant=made, actor=_operator(request), time_zone=given["time_zone"])

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        """Save what was changed, with its record."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in MAY_CHANGE}
        if change and changes:
            tenant_update(tenant=obj, actor=_operator(request), **changes)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Members and hosts; a new tenant has none on its page yet."""
        for formset in formsets:
            self.save_formset(request, form, formset, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        """Through the services: what was taken away first, so that a person or host may be put in anew."""
        rows, actor = formset.save(commit=False), _operator(request)
        remove, save = (_member_remove, _member_save) if formset.model is Membership else (host_remove, host_save)
        for row in formset.deleted_objects:
            remove(row, actor=actor)
        for row in rows:
            save(row, actor=actor)

    def response_add(self, request: HttpRequest, obj: Tenant, post_url_continue: str | None = None) -> HttpResponse:
        """On to its page: a tenant without people is of no use to anybody."""
        super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("admin:tenants_tenant_change", args=[obj.pk]))


@admin.register(Portfolio)
class PortfolioAdmin(ModelAdmin):
    """Groups of tenants."""

    list_display = ("name", "created_at")
    fields = ("name",)
    search_fields = ("name",)


def _member_save(row: Membership, *, actor: str) -> None:
    # Where another person was chosen in a row that was there, the former one leaves.
    former = Membership.objects.select_related("user").filter(pk=row.pk).first()
    if former is not None and former.user_id != row.user_id:
        _member_remove(former, actor=actor)
    member_add(tenant=row.tenant, user=row.user, role=Role(row.role), actor=actor)


def _member_remove(row: Membership, *, actor: str) -> None:
    member_remove(tenant=row.tenant, user=row.user, actor=actor)


def _operator(request: HttpRequest) -> str:
    return operator_actor(request.user.pk or 0)
