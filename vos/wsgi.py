"""HTTP, served by granian."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402  -- the settings module must be named before

from vos.telemetry.tracing import set_up_tracing  # noqa: E402

set_up_tracing("web")
application = get_wsgi_application()
