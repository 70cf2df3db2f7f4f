"""What an event looks like outside the database: CloudEvents 1.0, JSON format."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Envelope:
    """One event as subscribers get it. ``sequence`` grows by one per aggregate and tells a reader what it has seen."""

    id: str
    topic: str
    schema_name: str
    aggregate: str
    sequence: int
    actor: str
    occurred_at: datetime
    data: dict[str, Any]

    def as_cloudevent(self) -> dict[str, Any]:
        """The CloudEvents 1.0 form; ``aggregate`` is its subject, the tenant its source."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "type": self.topic,
            "source": f"/tenants/{self.schema_name}",
            "subject": self.aggregate,
            "time": self.occurred_at.isoformat(),
            "sequence": str(self.sequence),
            "actor": self.actor,
            "datacontenttype": "application/json",
            "data": self.data,
        }
