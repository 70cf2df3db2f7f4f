"""Pages of approvals."""

from django.urls import path

from approvals.interfaces import web

app_name = "approvals"

urlpatterns = [
    path("", web.inbox, name="inbox"),
    path("<uuid:public_id>/", web.detail, name="detail"),
    path("<uuid:public_id>/vote/", web.vote, name="vote"),
]
