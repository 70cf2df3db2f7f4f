"""Pages of approvals."""

from django.urls import path

from approvals.interfaces import install, notices, web

app_name = "approvals"

urlpatterns = [
    path("", web.inbox, name="inbox"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.worker, name="worker"),
    path("offline/", install.offline, name="offline"),
    path("notices/", notices.notices, name="notices"),
    path("notices/devices/", notices.device_new, name="device_new"),
    path("notices/devices/change/", notices.device_changed, name="device_changed"),
    path("notices/devices/remove/", notices.device_gone, name="device_gone"),
    path("link/<str:token>/", notices.link, name="link"),
    path("<uuid:public_id>/", web.detail, name="detail"),
    path("<uuid:public_id>/vote/", web.vote, name="vote"),
    path("<uuid:public_id>/object/", web.objection, name="object"),
    path("<uuid:public_id>/review/", web.review, name="review"),
]
