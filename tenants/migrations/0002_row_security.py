"""What a tenant's role sees of tenants and people: itself, its own members, and their accounts."""

from django.db import migrations

from kernel.rls import OwnRowsTable

# Each condition reads the table before it under that table's own policy, so membership decides everything below.
_MEMBER = "EXISTS (SELECT FROM public.tenants_membership m WHERE m.user_id = {column})"


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
        ("rls", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        OwnRowsTable("tenants_tenant", condition="current_user = vos_tenant_role(schema_name)"),
        OwnRowsTable("tenants_domain", condition="EXISTS (SELECT FROM public.tenants_tenant t WHERE t.id = tenant_id)"),
        OwnRowsTable("tenants_membership", condition="EXISTS (SELECT FROM public.tenants_tenant t WHERE t.id = tenant_id)"),
        # A login notes its time and may strengthen the password's hash; who somebody is, only operators change.
        OwnRowsTable("tenants_user", condition=_MEMBER.format(column="tenants_user.id"), grants="SELECT, UPDATE (last_login, password)"),
        OwnRowsTable("tenants_user_groups", condition=_MEMBER.format(column="user_id")),
        OwnRowsTable("tenants_user_user_permissions", condition=_MEMBER.format(column="user_id")),
        OwnRowsTable(
            "account_emailaddress", condition=_MEMBER.format(column="user_id"), grants="SELECT, INSERT, UPDATE, DELETE"
        ),
        OwnRowsTable("mfa_authenticator", condition=_MEMBER.format(column="user_id"), grants="SELECT, INSERT, UPDATE, DELETE"),
        OwnRowsTable(
            "socialaccount_socialaccount", condition=_MEMBER.format(column="user_id"), grants="SELECT, INSERT, UPDATE, DELETE"
        ),
    ]
