"""What lies outside ``/api/v1/``: calls that carry their own proof."""

from django.urls import path

from workflows.interfaces.webhooks import webhook

app_name = "workflows"
urlpatterns = [path("hooks/<uuid:trigger>/", webhook, name="webhook")]
