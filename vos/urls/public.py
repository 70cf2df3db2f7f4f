"""The operators' host: the admin, and a front page that says where to go."""

from django.contrib import admin
from django.urls import path

from vos.urls.shared import urlpatterns as shared
from vos.web.front import front_page

urlpatterns = [
    *shared,
    path("admin/", admin.site.urls),
    path("", front_page, name="front"),
]

handler400 = "vos.web.errors.bad_request"
handler403 = "vos.web.errors.permission_denied"
handler404 = "vos.web.errors.not_found"
handler500 = "vos.web.errors.server_error"
