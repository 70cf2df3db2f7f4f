"""What happens when a worker starts."""

import redis
from celery.signals import worker_ready
from django.conf import settings

from kernel.scheduler.admission.queue import PREFIX
from vos.celery import app


def test_a_worker_that_starts_lets_the_time_of_grace_begin() -> None:
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    valkey.delete(f"{PREFIX}:epoch")
    worker_ready.send(sender=app)
    assert valkey.exists(f"{PREFIX}:epoch") == 1
    valkey.close()
