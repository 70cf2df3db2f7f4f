"""The servers VOS talks to: Postgres, Valkey, Celery, sockets."""

from psycopg.conninfo import conninfo_to_dict

from vos.settings.environment import environment

_url = conninfo_to_dict(environment.database_url)
_PLACE = ("dbname", "user", "password", "host", "port")

DATABASES = {
    "default": {
        "ENGINE": "tenants.postgres",
        "NAME": _url.get("dbname", "vos"),
        "USER": _url.get("user", ""),
        "PASSWORD": _url.get("password", ""),
        "HOST": _url.get("host", ""),
        "PORT": _url.get("port", ""),
        # What else the address asks for, such as sslmode=verify-full, holds for every connection.
        # The threshold allows statements to be kept planned where they are asked to be (kernel.statements); Django's cursors ask
        # for none, and would set none.
        "OPTIONS": {name: value for name, value in _url.items() if name not in _PLACE}
        | {"prepare_threshold": 5}
        | ({"pool": {"min_size": 1, "max_size": 8, "timeout": 10}} if environment.vos_database_pool else {}),
        "CONN_MAX_AGE": 0 if environment.vos_database_pool else 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": None},
    }
}

REDIS_URL = environment.redis_url
# After Valkey lost everything nobody is admitted for so long, until slots that were held are over; tests do not wait.
VOS_ADMISSION_GRACE_SECONDS = 0.0 if environment.vos_env == "test" else 5.0
# How old the gateway's knowledge of deployments, routes and prices may be; tests change rows and look at once.
VOS_GATEWAY_CATALOGUE_SECONDS = 0.0 if environment.vos_env == "test" else 1.0
# How often each process looks for emergency stops while it works. 0: never by itself; tests say when.
_stops_seconds = 0.0 if environment.vos_env == "test" else 0.25
VOS_STOPS_SECONDS = _stops_seconds if environment.vos_stops_seconds is None else environment.vos_stops_seconds
# How long a first person's word for a release of a stop waits for the second one's.
VOS_RELEASE_ASKED_HOURS = environment.vos_release_asked_hours
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [environment.redis_url], "prefix": "vos"},
    }
}

CELERY_BROKER_URL = environment.redis_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# By name and not on the task: Celery is taking the attribute away.
CELERY_TASK_ROUTES = {f"{app}.*": {"queue": app} for app in ("kernel", "approvals", "workflows")}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Messages are wake-ups only; what is lost is found by the sweeper, so nothing is gained by late acknowledgement.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
