"""HTTP, served by granian."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")

from django.core.wsgi import get_wsgi_application

from vos.telemetry.tracing import set_up_tracing

set_up_tracing("web")
application = get_wsgi_application()
