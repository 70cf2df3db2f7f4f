"""Paths, hosts, templates, language and time."""

from pathlib import Path

from vos.settings.environment import environment

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = environment.vos_debug
SECRET_KEY = environment.secret_key

VOS_DEMO = environment.vos_demo
VOS_PUBLIC_HOST = environment.vos_public_host
VOS_PORT = environment.vos_port
VOS_SOCKET_PORT = environment.vos_socket_port
# Load balancers ask by address and not by a tenant's name.
VOS_HOSTLESS_PATHS = frozenset({"/healthz", "/readyz"})
# Which hosts are served is decided by the table of domains: an unknown one is 404 (tenants.interfaces.middleware).
ALLOWED_HOSTS = ["*"]

ROOT_URLCONF = "vos.urls.tenant"
PUBLIC_SCHEMA_URLCONF = "vos.urls.public"
WSGI_APPLICATION = "vos.wsgi.application"
ASGI_APPLICATION = "vos.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vos.web.context.shell",
            ],
        },
    }
]

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English (US)"), ("en-gb", "English (UK)"), ("de", "Deutsch"), ("fr", "Français")]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = environment.vos_data / "static"
# Empty until a deployment collects into it; WhiteNoise warns about a folder that is not there.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": environment.vos_data / "files"},
    },
    "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": environment.vos_data / "blobs"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = environment.vos_env != "production"
VOS_SHEETS_CHANGE = environment.vos_env == "development"  # style sheets are edited while the server runs
