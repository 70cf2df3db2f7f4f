"""The live output of one process: numbered events out of Postgres; the channel layer only says that there are new ones."""

from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django_tenants.utils import tenant_context

from kernel.processes.models import Process, ProcessEvent
from kernel.processes.notify import process_group
from kernel.processes.selectors import process_events_after, process_get
from tenants.roles import Permission
from vos.web.presenters.process_events import event_shown


class ProcessConsumer(AsyncJsonWebsocketConsumer):
    """Sends every event after the number the client names (``?after=12``), then each new one, in order and without gaps.

    A client that reconnects names the last number it has, and gets what it missed. Closes 4403 without the permission,
    4404 for a process this tenant does not have.
    """

    async def connect(self) -> None:
        self.pid = str(self.scope["url_route"]["kwargs"]["pid"])
        if not self.scope["actor"].allows(Permission.RUN_VIEW):
            await self.close(code=4403)
            return
        if not await self._exists():
            await self.close(code=4404)
            return
        self.last = _number(self.scope.get("query_string", b""))
        self.group = process_group(self.scope["tenant"].schema_name, self.pid)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self._send_new()

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """A client may ask (``{"ask": "new"}``) in case a notice got lost with Valkey."""
        await self._send_new()

    async def process_event(self, _message: dict[str, Any]) -> None:
        """The channel layer says that the process has new events."""
        await self._send_new()

    async def _send_new(self) -> None:
        for event in await self._events():
            self.last = event["number"]
            await self.send_json(event)

    @sync_to_async
    def _exists(self) -> bool:
        with tenant_context(self.scope["tenant"]):
            try:
                process_get(self.pid)
            except Process.DoesNotExist:
                return False
            return True

    @sync_to_async
    def _events(self) -> list[dict[str, Any]]:
        with tenant_context(self.scope["tenant"]):
            events = process_events_after(self.pid, self.last)
            return [_sent(event) for event in events]


def _sent(event: ProcessEvent) -> dict[str, Any]:
    return {**event_shown(event), "at": event.occurred_at.isoformat(), "data": event.data}


def _number(query: bytes) -> int:
    text = parse_qs(query.decode("latin-1")).get("after", ["0"])[0]
    return int(text) if text.isdigit() else 0
