"""A tenant's host: workspaces, approvals, REST."""

from django.conf import settings
from django.urls import include, path

from vos.urls.shared import urlpatterns as shared

urlpatterns = [
    *shared,
    path("api/v1/", include("vos.api.urls")),
    path("approvals/", include("approvals.interfaces.urls")),
    path("", include("workflows.interfaces.urls")),
    path("", include("vos.web.urls")),
]

if settings.VOS_DEMO:
    # Every page with made-up context: for whoever works on the look.
    from vos.web.gallery import gallery  # not loaded where it is not served

    urlpatterns += [path("gallery/", gallery, name="gallery"), path("gallery/<str:page>/", gallery, name="gallery_page")]

handler400 = "vos.web.errors.bad_request"
handler403 = "vos.web.errors.permission_denied"
handler404 = "vos.web.errors.not_found"
handler500 = "vos.web.errors.server_error"
