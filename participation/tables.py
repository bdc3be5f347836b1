"""Every table of the program, imported in one place so that migrations and tests see them all."""

from participation.actions import models as actions
from participation.assessment import models as assessment
from participation.bodies import models as bodies
from participation.circuit import models as circuit
from participation.contract import models as contract
from participation.following import models as following
from participation.idempotency import SentForm
from participation.journal import JournalEntry
from participation.live import models as live
from participation.media import models as media
from participation.meetings import models as meetings
from participation.minutes import models as minutes
from participation.opinions import models as opinions
from participation.people import models as people
from participation.planning import models as planning
from participation.proposals import models as proposals
from participation.reports import models as reports
from participation.seats import models as seats
from participation.speaking import models as speaking
from participation.subscriptions import models as subscriptions

__all__ = [
    "JournalEntry",
    "SentForm",
    "actions",
    "assessment",
    "bodies",
    "circuit",
    "contract",
    "following",
    "live",
    "media",
    "meetings",
    "minutes",
    "opinions",
    "people",
    "planning",
    "proposals",
    "reports",
    "seats",
    "speaking",
    "subscriptions",
]
