"""Pages of approvals."""

from django.urls import path

from approvals.interfaces import install, web

app_name = "approvals"

urlpatterns = [
    path("", web.inbox, name="inbox"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.worker, name="worker"),
    path("offline/", install.offline, name="offline"),
    path("<uuid:public_id>/", web.detail, name="detail"),
    path("<uuid:public_id>/vote/", web.vote, name="vote"),
]
