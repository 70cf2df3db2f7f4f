"""The operators' admin as Django's default admin site."""

from django.contrib.admin.apps import AdminConfig


class OperatorsAdminConfig(AdminConfig):
    default_site = "vos.admin.OperatorsSite"
