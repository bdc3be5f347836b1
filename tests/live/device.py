"""A device that records live, without a browser."""

import datetime as dt
import uuid
from typing import Any

from flask.testing import FlaskClient


class Device:
    """A device that records: numbers its events and sends them."""

    def __init__(self, client: FlaskClient, ref: str = "cafe") -> None:
        self.client, self.ref, self.number, self.name = client, ref, 0, str(uuid.uuid4())

    def event(self, kind: str, **data: Any) -> dict[str, Any]:
        """Return the next event."""
        self.number += 1
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=self.number)
        return {
            "id": str(uuid.uuid4()),
            "appareil": self.name,
            "numero": self.number,
            "genre": kind,
            "quand": moment.isoformat(),
            "donnees": data,
        }

    def send(self, *events: dict[str, Any]) -> dict[str, Any]:
        """Send events; return the answer."""
        answer = self.client.post(
            f"/equipe/rencontres/{self.ref}/en-direct/evenements",
            json={"evenements": list(events)},
            headers={"X-Appareil": self.name},
        )
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def record(self, kind: str, **data: Any) -> str:
        """Record one event and return its number."""
        event = self.event(kind, **data)
        said = self.send(event)
        assert said["recus"] == [event["id"]], said
        return event["id"]
