"""Proposals that belong together: duplicates side by side, a proposal split in two, a link for readers."""

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation.circuit import link_queries, link_rules
from participation.circuit.link_forms import LinkForm, SplitForm
from participation.circuit.views import fragment
from participation.errors import Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.opinions.forms import version_of
from participation.opinions.models import Opinion
from participation.permissions import actor, may, requires
from participation.proposals import offers, queries
from participation.proposals.models import Proposal
from participation.proposals.rules import next_kinds
from participation.proposals.similar import LONGEST_COMPARED, similar
from participation.sending import Answer, give_key, send

bp = Blueprint("links", __name__, url_prefix="/equipe/propositions/<ref>")
RIGHT = "proposal.edit"


def load(ref: str) -> Proposal:
    """Return the proposal of an address. Raises NotFound."""
    return queries.get_proposal(db.session(), ref)


# Near ones, side by side


@bp.get("/proches")
@requires(RIGHT, load)
def near(proposal: Proposal) -> str:
    """Show the proposals that say nearly the same, beside this one, and those that are linked to it."""
    return _near_page(proposal, LinkForm(formdata=None))


def _near_page(proposal: Proposal, form: LinkForm) -> str:
    session = db.session()
    searched = request.args.get("q", "").strip()[:200]
    linked = link_queries.list_linked(session, proposal)
    known = {one.proposal.id for one in linked}
    said = f"{proposal.title} {proposal.text or ''}"[:LONGEST_COMPARED]
    suggested = [one.proposal for one in similar(session, said, leave_out=proposal.id)]
    found = offers.search_by_title(session, searched, proposal) if searched else []
    return render_template(
        "circuit/near.html",
        proposal=proposal,
        form=form,
        linked=linked,
        suggested=[one for one in suggested if one.id not in known],
        found=[one for one in found if one.id not in known],
        searched=searched,
        voices=link_queries.count_voices(session, [proposal, *suggested, *found]),
        may_merge="regroupee" in next_kinds(proposal.state),
    )


@bp.post("/liens")
@requires(RIGHT, load)
def link(proposal: Proposal) -> Answer:
    """Link another proposal to this one."""
    return _change(proposal, link_rules.link, _("Les deux propositions sont liées."))


@bp.post("/liens/retirer")
@requires(RIGHT, load)
def unlink(proposal: Proposal) -> Answer:
    """Take a link back."""
    return _change(proposal, link_rules.unlink, _("Les deux propositions ne sont plus liées."))


def _change(proposal: Proposal, change: Callable[..., bool], sentence: str) -> Answer:
    form = LinkForm()

    def act() -> str:
        other = queries.get_proposal(db.session(), form.proposition.data or "")
        queries.lock(db.session(), proposal, other)
        if change(db.session(), proposal, other, by=actor()):
            flash(sentence, "success")
        return url_for("links.near", ref=proposal.ref)

    return send(form, act, lambda: _near_page(proposal, form))


# Split in two


@bp.get("/separer")
@requires(RIGHT, load)
def ask_split(proposal: Proposal) -> Answer | str:
    """Ask what goes on apart, and which opinions ask for it."""
    form = SplitForm(formdata=None, data={"version": str(proposal.version)})
    return give_key(form) or _split_page(proposal, form)


def _split_page(proposal: Proposal, form: SplitForm) -> str:
    return render_template(
        "circuit/split.html",
        proposal=proposal,
        form=form,
        opinions=_readable(proposal),
        ticked=request.form.getlist("avis"),
        possible=proposal.state in link_rules.SPLITTABLE,
    )


def _readable(proposal: Proposal) -> list[Opinion]:
    opinions = queries.list_opinions(db.session(), proposal)
    return [one for one in opinions if one.is_public or may("opinion.read", one)]


@bp.post("/separation")
@requires(RIGHT, load)
def split(proposal: Proposal) -> Answer:
    """Take a part out of the proposal."""
    form = SplitForm()

    def act() -> str:
        queries.lock(db.session(), proposal)
        part = link_rules.Part(form.title.data or "", form.text.data, _chosen(proposal))
        new = link_rules.split(db.session(), proposal, part, version=version_of(form), by=actor())
        flash(_("Une nouvelle proposition continue à part."), "success")
        return url_for("team_proposals.show", ref=new.ref)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _split_page(proposal, form)

    return send(form, act, again)


def _chosen(proposal: Proposal) -> list[Opinion]:
    """Return the opinions that are ticked. Raises Refusal for one that is not of the proposal, or not to be read."""
    refs = set(request.form.getlist("avis"))
    found = [one for one in _readable(proposal) if one.ref in refs]
    if len(found) != len(refs):
        raise Refusal(_("Un des avis choisis n'est pas, ou n'est plus, de cette proposition. Rechargez la page."))
    return found


# On a proposal's pages


def _of_proposal(proposal: Proposal) -> Markup | None:
    linked = link_queries.list_linked(db.session(), proposal)
    return fragment("circuit/_links.html", linked=linked) if linked else None


def _of_proposal_for_team(proposal: Proposal) -> Markup | None:
    linked = link_queries.list_linked(db.session(), proposal)
    may_edit = may(RIGHT, proposal)
    if not linked and not may_edit:
        return None
    possible = may_edit and proposal.state in link_rules.SPLITTABLE
    return fragment(
        "circuit/_links_for_team.html", proposal=proposal, linked=linked, may_edit=may_edit, may_split=possible
    )


provide("proposal.public", _of_proposal)
provide("proposal.team", _of_proposal_for_team)
