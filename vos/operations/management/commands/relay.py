"""``manage.py relay``: publish and deliver events until told to stop."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections, connection

from kernel.events.relay import become_leader, relay_once
from kernel.events.streams import StreamPublisher

IDLE_SECONDS = 0.1
RETRY_SECONDS = 1.0


class Command(BaseCommand):
    help = "Publish events to Valkey Streams and deliver them to subscribers, until SIGTERM or Ctrl-C."
    # Checks import every page and form, for seconds, and are of the code: `make lint` runs them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="deliver what is open, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        publisher = StreamPublisher(settings.REDIS_URL)
        if options["once"]:
            while relay_once(publisher):
                pass
            return
        while not self.stop.is_set():
            self._serve(publisher)

    def _serve(self, publisher: StreamPublisher) -> None:
        """Work as the leader until told to stop; a lost database connection also loses the lead, so begin again."""
        try:
            while not self.stop.is_set() and not become_leader():
                self.stop.wait(RETRY_SECONDS)
            while not self.stop.is_set():
                if not relay_once(publisher):
                    self.stop.wait(IDLE_SECONDS)
        except OperationalError as error:
            self.stderr.write(f"relay: the database went away ({error.__class__.__name__}); trying again")
            connection.close()
            close_old_connections()
            self.stop.wait(RETRY_SECONDS)
