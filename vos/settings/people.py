"""Accounts and login: e-mail and password now, ready for OpenID Connect and second factors (django-allauth)."""

from vos.settings.environment import environment

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    # First, so that a locked-out address is refused before a password is looked at.
    "axes.backends.AxesStandaloneBackend",
    "tenants.interfaces.accounts.PeopleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
# Nobody signs up by themselves: an owner invites, an operator provisions.
ACCOUNT_ADAPTER = "tenants.interfaces.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tenants.interfaces.accounts.SocialAccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # django-axes counts failed logins, per tenant
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# The rate limit above is off, and with it allauth's own for codes: ours is durable.
MFA_FORMS = {
    "authenticate": "tenants.second_factor.forms.AuthenticateForm",
    "reauthenticate": "tenants.second_factor.forms.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "VOS"
MFA_TOTP_TOLERANCE = 1  # a code is good 30 seconds longer, for whoever types slowly
# Passkeys work on localhost without TLS; anywhere else the origin is checked.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not environment.vos_behind_tls

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False

# Guardian's anonymous user would be a row that is nobody's.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
