"""A proposal in a list: what a card of it says, to the public or to the team."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation.formatting import date_fr
from participation.proposals import queries
from participation.proposals.history import Due, answer_of, due_of
from participation.proposals.models import Proposal, Step
from participation.proposals.supports import Standing


@dataclass(frozen=True)
class Card:
    """A proposal with its address, the last answer given, and until when one is owed."""

    proposal: Proposal
    address: str
    answer: Step | None
    due: Due | None
    support: Standing | None = None
    """None where the page does not speak of supports."""

    @property
    def late(self) -> bool:
        """Whether the public reads « en retard »."""
        return bool(self.due and self.due.public and self.due.late)

    @property
    def detail(self) -> str | None:
        """Until when an answer is expected, for the public."""
        if self.due and self.due.public and not self.due.late:
            return _("réponse avant le %(date)s", date=date_fr(self.due.on))
        return None

    @property
    def answer_text(self) -> str | None:
        """The answer, in a sentence if there is one, else the beginning of its reasons.

        Of an abandoned proposal it is why it stopped: a yes of before would contradict what became of it.
        """
        said = _last(self.proposal) if self.proposal.state == "abandonnee" else self.answer
        if said is None:
            return None
        text = said.short_answer or said.reason or ""
        return text if len(text) <= 300 else f"{text[:297]}…"

    @property
    def days(self) -> str:
        """How many days are left, or how late it is, for the team."""
        if self.due is None:
            return ""
        if self.due.days < 0:
            return ngettext("en retard de %(num)s jour", "en retard de %(num)s jours", -self.due.days)
        if self.due.days == 0:
            return _("dernier jour aujourd'hui")
        return ngettext("encore %(num)s jour", "encore %(num)s jours", self.due.days)


def cards(
    session: Session,
    proposals: Iterable[Proposal],
    today: dt.date,
    *,
    team: bool = False,
    standings: Mapping[int, Standing] | None = None,
) -> list[Card]:
    """Return the card of each proposal, in their order; those of the team lead to the team's pages."""
    proposals = list(proposals)
    contract = queries.find_contract(session)
    paths = {} if team else queries.canonical_paths(session, ((p.ref, p.title) for p in proposals))
    return [
        Card(
            proposal=proposal,
            address=url_for("team_proposals.show", ref=proposal.ref)
            if team
            else url_for("proposals.show", ref=paths[proposal.ref]),
            answer=answer_of(proposal),
            due=due_of(proposal, contract, today),
            support=standings.get(proposal.id) if standings else None,
        )
        for proposal in proposals
    ]


def _last(proposal: Proposal) -> Step:
    return [step for step in proposal.steps if step.voided_on is None][-1]
