from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django_tenants.utils import tenant_context

from kernel.processes.selectors import process_events_after
from kernel.processes.services import process_event, process_start
from tenants.models import Tenant


def test_events_of_many_writers_are_numbered_without_gaps(committed: Tenant) -> None:
    with tenant_context(committed):
        process = process_start(agent="target@1.0.0", inputs={}, actor="user:1")

    def write(number: int) -> None:
        try:
            with tenant_context(committed):
                process_event(process=process, kind="output", data={"writer": number})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with tenant_context(committed):
        assert [event.number for event in process_events_after(process.pk)] == list(range(1, 42))
