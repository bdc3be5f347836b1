"""The two taps: « Je soutiens cette proposition », « Je retire mon soutien ». Each says what it wants, so that sending
it twice is harmless; both lead back to the very card, with the outcome in words.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from participation.addresses import PASSING
from participation.errors import Refusal
from participation.extensions import db
from participation.origin import from_this_site
from participation.people.rules import local_path
from participation.permissions import public
from participation.proposals import phones, queries, supports
from participation.proposals.models import Proposal
from participation.proposals.views import bp


@bp.post("/propositions/<ref>/soutien")
@public
@from_this_site
def support(ref: str) -> Response:
    """Count this phone's support."""
    return _tap(ref, supports.give, "donne")


@bp.post("/propositions/<ref>/soutien/retirer")
@public
@from_this_site
def withdraw_support(ref: str) -> Response:
    """Take this phone's support back."""
    return _tap(ref, supports.take_back, "retire")


def _tap(ref: str, act: Any, done: str) -> Response:
    proposal = queries.get_proposal(db.session(), ref)
    number = phones.phone()
    if number is None:
        return _back(proposal, "sans-temoin")
    try:
        act(db.session(), proposal, number, request.remote_addr or "")
    except Refusal as refusal:
        db.session.rollback()
        return _back(proposal, "attente" if isinstance(refusal, supports.TooMany) else "terminee")
    db.session.commit()
    return _back(proposal, done)


def _back(proposal: Proposal, outcome: str) -> Response:
    """Return to the page of the tap, at the card; its address tells the outcome, which the page shows in words."""
    came = urlsplit(local_path(request.form.get("suite")) or _own_page(proposal))
    asked = [(name, value) for name, value in parse_qsl(came.query) if name not in PASSING]
    query = urlencode([*asked, ("soutien", outcome), ("carte", proposal.ref)])
    return redirect(f"{came.path}?{query}#{card_id(proposal)}", 303)


def _own_page(proposal: Proposal) -> str:
    paths = queries.canonical_paths(db.session(), [(proposal.ref, proposal.title)])
    return url_for("proposals.show", ref=paths[proposal.ref])


def card_id(proposal: Proposal) -> str:
    """Return the identifier of a proposal's card in a page."""
    return f"carte-{proposal.ref}"
