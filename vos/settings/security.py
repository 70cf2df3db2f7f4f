"""Middleware, cookies, content security policy, uploads."""

from django.utils.csp import CSP

from vos.settings.environment import environment

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "vos.web.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.interfaces.middleware.TenantMiddleware",
    "vos.web.time_zone.TimeZoneMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.interfaces.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "vos.api.idempotency.IdempotencyMiddleware",
    "axes.middleware.AxesMiddleware",
]

_SOCKETS = f"*.{environment.vos_public_host}:{environment.vos_socket_port}"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF, f"ws://{_SOCKETS}", f"wss://{_SOCKETS}"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_ENGINE = "tenants.interfaces.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # htmx sends the token from the page's meta tag; the cookie itself is not read
CSRF_FAILURE_VIEW = "vos.web.errors.csrf_failed"

if environment.vos_behind_tls:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True

# Larger uploads are refused by the evidence service with a message; this only bounds memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

VOS_STAMP_KEY = environment.vos_stamp_key
VOS_CAPABILITY_KEY = environment.vos_capability_key

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    # Default deny: a view that names no permission answers nobody.
    "DEFAULT_PERMISSION_CLASSES": ["vos.api.permissions.DenyAll"],
    "DEFAULT_PAGINATION_CLASS": "vos.api.pagination.CursorPages",
    "PAGE_SIZE": 50,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "vos.api.problems.problem_response",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "VOS API",
    "DESCRIPTION": "Customers, evidence, models, cases, approvals, telemetry and runs of one tenant.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["vos.api.permissions.LoggedIn"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "vos.api.openapi.describe_every_operation"],
    # Several things have a "state"; one that is in two shapes (a list's and a single case's) is named here.
    "ENUM_NAME_OVERRIDES": {
        "CaseStateEnum": "valuefabric.models.states.case_states",
        "ProcessStateEnum": "kernel.processes.models.STATES",
        "EvidenceKindEnum": "valuefabric.models.evidence.KINDS",
        "TriggerKindEnum": "workflows.triggers.models.Kind",
    },
}
