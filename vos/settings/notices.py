"""How people are told: the mail server, and the key of web push."""

from vos.settings.environment import environment

# The console until a deployment names a server: ``django.core.mail.backends.smtp.EmailBackend``, or one of django-anymail's, such
# as ``anymail.backends.postmark.EmailBackend``. The options are those of the backend.
MAILERS = {"default": {"BACKEND": environment.vos_mail_backend, "OPTIONS": environment.vos_mail_options}}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.vos_mail_from

VOS_PUSH_KEY = environment.vos_push_key
# Whom a push service may write to when something is wrong with our messages.
VOS_PUSH_CONTACT = f"mailto:{environment.vos_mail_from.rpartition('<')[2].rstrip('>')}"
# Push services besides those of the known browsers.
VOS_PUSH_HOSTS = frozenset(host for host in environment.vos_push_hosts.split(",") if host)
