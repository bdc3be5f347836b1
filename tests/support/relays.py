"""A relayed project for the tests."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from participation.bodies.models import Body
from participation.circuit.models import Relay, RelayCopy
from participation.database import now
from participation.extensions import db


def make_relay(ref: str, from_body: Body, to: Iterable[Body], **values: Any) -> Relay:
    """Add a project that was discussed in one instance on 12 March 2026 and relayed to others."""
    defaults = {"title": "Un marché le dimanche", "on_date": dt.date(2026, 3, 12), "created_at": now()}
    copies = [RelayCopy(body=body) for body in to]
    relay = Relay(ref=ref, from_body=from_body, copies=copies, **(defaults | values))
    db.session.add(relay)
    db.session.flush()
    return relay
