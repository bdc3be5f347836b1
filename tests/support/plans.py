"""Campaigns for the tests: small, fictitious."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.database import now
from participation.extensions import db
from participation.planning.models import Campaign, CampaignQuestion

Asked = tuple[Quartier | None, str]


def make_campaign(ref: str, body: Body, questions: Iterable[Asked] = (), **values: Any) -> Campaign:
    """Add a campaign of the summer of 2026; `questions` are (quartier or None for everywhere, text)."""
    rows = [CampaignQuestion(position=n, quartier=place, text=text) for n, (place, text) in enumerate(questions)]
    defaults = {"title": "Parole aux quartiers", "starts_on": dt.date(2026, 7, 1), "ends_on": dt.date(2026, 8, 31)}
    campaign = Campaign(ref=ref, body=body, questions=rows, created_at=now(), **(defaults | values))
    db.session.add(campaign)
    db.session.flush()
    return campaign
