"""What every host answers."""

from django.urls import include, path

from tenants.interfaces.logout import LogoutView
from vos.operations.views import healthz, readyz
from vos.web.views.bundles import stylesheet

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("bundles/<slug:name>.<slug:content>.css", stylesheet, name="bundle"),
    # Before allauth's own, under its name: that one leaves the pages kept for offline reading behind.
    path("accounts/logout/", LogoutView.as_view(), name="account_logout"),
    path("accounts/", include("allauth.urls")),
]
