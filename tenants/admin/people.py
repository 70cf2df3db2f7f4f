"""Operators make people's accounts here, close them, and make platform operators."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from kernel.actors import operator_actor
from tenants.models import User
from tenants.services import user_create, user_update

MAY_CHANGE = ("name", "title", "is_active", "is_staff")


class NewPersonForm(forms.ModelForm):
    """An account. Without a password its person logs in by the tenant's identity provider."""

    password = forms.CharField(required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = User
        fields = ("email", "name", "title")

    def clean_email(self) -> str:
        """Addresses are kept small."""
        address: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=address).exists():
            raise forms.ValidationError("There is an account of this address already.")
        return address

    def clean_password(self) -> str | None:
        """One that the validators let through, or none."""
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, User(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", "")))
        return password or None


class PersonForm(forms.ModelForm):
    """What may be changed of an account, by whom it is not."""

    class Meta:
        model = User
        fields = MAY_CHANGE


@admin.register(User)
class UserAdmin(ModelAdmin):
    """People: one account each. Their roles stand on their tenants' pages. None is deleted: records name them."""

    list_display = ("email", "name", "title", "roles", "is_active", "is_staff", "is_demo")
    list_filter = ("is_active", "is_staff", "is_demo", "memberships__tenant")
    search_fields = ("email", "name")
    ordering = ("email",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("memberships__tenant")

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        """What the person is, and where."""
        return ", ".join(f"{one.tenant.name}: {one.get_role_display()}" for one in user.memberships.all())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"form": PersonForm if change else NewPersonForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("email", "name", "title", "password") if obj is None else ("email", *MAY_CHANGE, "roles", "is_demo", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        # Nobody locks themselves out, and the last operator stays one.
        own = ("is_active", "is_staff") if obj.pk == request.user.pk else ()
        return ("email", "roles", "is_demo", "created_at", *own)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            return super().save_form(request, form, change)
        return user_create(**form.cleaned_data, actor=_operator(request))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save what was changed, with its record."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in MAY_CHANGE}
        if change and changes:
            user_update(user=obj, actor=_operator(request), **changes)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is related."""


def _operator(request: HttpRequest) -> str:
    return operator_actor(request.user.pk or 0)
