"""Proposals that belong together: one is split in two, or two are linked so that readers find both.

A merger is a step of the machine (`regroupee`, step_rules.py); neither of these is one. A verb changes the rows of the
session and writes the journal; the caller has locked the proposals and commits. `by` is the acting account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.circuit.models import ProposalLink
from participation.errors import Refusal
from participation.opinions.models import Opinion
from participation.opinions.rules import check_version
from participation.proposals import rules
from participation.proposals.models import STEP_KINDS, WAITING, Proposal

SPLIT, LINKED = "scission", "liee"
SPLITTABLE = ("recueillie", "etude", *WAITING)
"""States before an answer: one that was given is the answer to all that was asked."""
MOST = 20
"""Proposals linked to one: beyond, a list of them says nothing."""


@dataclass(frozen=True)
class Part:
    """What goes on apart: a proposal of its own, and the opinions that ask for it."""

    title: str
    text: str | None = None
    opinions: Sequence[Opinion] = ()


def split(session: Session, proposal: Proposal, part: Part, *, version: int, by: Any) -> Proposal:
    """Take a part out of a proposal; return the new one, gathered by the same instance on the same day.

    Its day is that of the first: nobody's request becomes younger by it. The author of an opinion that goes along
    reads on her receipt what becomes of the new one. Raises Refusal once an answer was given or the proposal went on
    elsewhere, or for an opinion that did not feed it; Conflict where `version` is not its.
    """
    check_version(proposal.version, version)
    if proposal.state not in SPLITTABLE:
        raise Refusal(
            _(
                "La proposition est « %(state)s » : on ne la sépare plus. Faites plutôt une nouvelle proposition.",
                state=STEP_KINDS[proposal.state],
            )
        )
    if any(opinion.proposal_id != proposal.id for opinion in part.opinions):
        raise Refusal(_("Un des avis choisis n'est pas, ou n'est plus, de cette proposition. Rechargez la page."))
    for opinion in part.opinions:
        rules.detach(session, proposal, opinion, by=by)
    new = rules.create(
        session,
        rules.Draft(part.title, part.text, proposal.theme, tuple(proposal.quartiers), tuple(proposal.objectives)),
        body=proposal.body,
        on_date=proposal.received_on,
        meeting=proposal.meeting,
        opinions=part.opinions,
        by=by,
    )
    session.flush()
    session.add(ProposalLink(from_id=new.id, to_id=proposal.id, kind=SPLIT, on_date=clock.today()))
    rules.touch(proposal)
    sentence = _("Une partie continue à part : proposition %(ref)s.", ref=new.ref)
    journal.record(session, "proposal.split", proposal.ref, sentence, by=by)
    sentence = _("Séparée de la proposition %(ref)s.", ref=proposal.ref)
    journal.record(session, "proposal.split_off", new.ref, sentence, by=by)
    return new


def link(session: Session, proposal: Proposal, other: Proposal, *, by: Any) -> bool:
    """Say that two proposals are to be read together; return whether nothing linked them yet.

    Raises Refusal for a proposal and itself, one merged into the other, or one that has enough links.
    """
    if proposal.id == other.id:
        raise Refusal(_("C'est la même proposition. Choisissez-en une autre."), field="proposition")
    if find(session, proposal, other):
        return False
    for one in (proposal, other):
        if count(session, one) >= MOST:
            raise Refusal(_("« %(title)s » a déjà %(max)s liens : enlevez-en un.", title=one.title, max=MOST))
    first, second = sorted((proposal.id, other.id))
    session.add(ProposalLink(from_id=first, to_id=second, kind=LINKED, on_date=clock.today()))
    session.flush()
    _record_both(session, "proposal.linked", _("Liée à la proposition %(ref)s."), proposal, other, by)
    return True


def unlink(session: Session, proposal: Proposal, other: Proposal, *, by: Any) -> bool:
    """Take the link of two proposals back; return whether there was one. Raises Refusal where one came of the other."""
    found = find(session, proposal, other)
    if found is None:
        return False
    if found.kind == SPLIT:
        raise Refusal(_("L'une vient de l'autre : ce lien reste."))
    session.delete(found)
    session.flush()
    _record_both(session, "proposal.unlinked", _("N'est plus liée à la proposition %(ref)s."), proposal, other, by)
    return True


def find(session: Session, one: Proposal, other: Proposal) -> ProposalLink | None:
    """Return what links two proposals, either way; None for nothing."""
    return session.get(ProposalLink, (one.id, other.id)) or session.get(ProposalLink, (other.id, one.id))


def count(session: Session, proposal: Proposal) -> int:
    """Return to how many proposals one is linked."""
    either = sa.or_(ProposalLink.from_id == proposal.id, ProposalLink.to_id == proposal.id)
    return session.scalar(sa.select(sa.func.count()).select_from(ProposalLink).where(either)) or 0


def _record_both(session: Session, action: str, sentence: str, one: Proposal, other: Proposal, by: Any) -> None:
    """Write the journal of both; `sentence` has a place for the reference of the other one."""
    for here, there in ((one, other), (other, one)):
        journal.record(session, action, here.ref, sentence % {"ref": there.ref}, by=by)
