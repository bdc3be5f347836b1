"""The contract and its territory, for everybody: objectives, communes, quartiers, and what was said and done there."""

from typing import Any

from flask import render_template, request

from participation.addresses import beside, body_address
from participation.clock import today
from participation.contract.models import Ambition, Commune, Contract, Objective, Quartier
from participation.extensions import db
from participation.meetings.models import MEETING_TYPES
from participation.meetings.queries import Filters as MeetingFilters
from participation.meetings.queries import list_past, list_upcoming
from participation.opinions.models import Opinion
from participation.pages import objectives, queries
from participation.pages.views import bp
from participation.permissions import public
from participation.proposals.cards import cards
from participation.proposals.history import STATES
from participation.proposals.queries import Filters, list_for_everybody
from participation.speaking.doors import get_quartier, quartier_door
from participation.speaking.joining_views import asked_question, ways_of

MEETINGS = 5
"""Meetings shown on the page of a place, to come and past; the whole list is a link away."""

bp.add_app_template_global(body_address)


@bp.get("/contrat")
@public
def contract() -> str:
    """Show the tree: ambitions, strategic and operational objectives, and how many proposals serve each.

    With `?sans=1`, only the objectives of which nobody has spoken yet.
    """
    session = db.session()
    ambitions, tallies = queries.list_ambitions(session), queries.tallies(session)
    leaves = objectives.leaves(ambitions)
    silent = objectives.silent(ambitions, tallies)
    return render_template(
        "pages/contract.html",
        contract=queries.find_contract(session),
        ambitions=ambitions,
        counts=queries.count_objectives(session),
        tallies=tallies,
        silent=silent,
        unspoken=sum(leaf.code in silent for leaf in leaves),
        number=len(leaves),
        only_silent=bool(request.args.get("sans")),
    )


@bp.get("/contrat/<code>")
@public
def objective(code: str) -> str:
    """Show an ambition, a strategic or an operational objective, and what has been said and done under it."""
    session = db.session()
    thing = queries.get_ambition_or_objective(session, code)
    fed = queries.fed(code)
    contract = queries.find_contract(session)
    confirmed = bool(contract and contract.response_days_confirmed)
    return render_template(
        "pages/objective.html",
        thing=thing,
        ambition=thing if isinstance(thing, Ambition) else thing.ambition,
        children=_children(thing),
        tallies=queries.tallies(session),
        account=objectives.account_of(session, code, today(), confirmed=confirmed),
        words=objectives,
        state_names={word: name for word, (name, _kinds) in STATES.items()},
        opinions=queries.count_opinions(session, fed),
        quotes=queries.list_quotes(session, fed),
        **_proposals(Filters(objective=code, states=queries.SHOWN)),
    )


@bp.get("/quartiers")
@public
def quartiers() -> str:
    """List the communes of the contract and their quartiers."""
    session = db.session()
    communes = queries.list_communes(session)
    together = _printed_together(queries.find_contract(session), communes)
    return render_template("pages/quartiers.html", communes=communes, together=together)


@bp.get("/quartiers/<slug>")
@public
def quartier(slug: str) -> str:
    """Show one quartier: its instances, meetings, proposals, and what its residents said."""
    session = db.session()
    place = get_quartier(session, slug)
    own = Opinion.quartier_id == place.id
    door = quartier_door(session, place)
    return render_template(
        "pages/quartier.html",
        place=place,
        quotes=queries.list_quotes(session, own),
        door=door,
        ways=ways_of(door),
        question=asked_question(door),
        **_of_place(place, Filters(quartier=slug, states=queries.SHOWN), MeetingFilters(quartier=slug)),
    )


@bp.get("/communes/<slug>")
@public
def commune(slug: str) -> str:
    """Show one commune: its quartiers, instances, meetings and proposals."""
    place = queries.get_commune(db.session(), slug)
    shown = _of_place(place, Filters(commune=slug, states=queries.SHOWN), MeetingFilters(commune=slug))
    return render_template("pages/commune.html", place=place, **shown)


def _children(thing: Ambition | Objective) -> list[Objective]:
    """Return the objectives one level below, in the order of the text."""
    if isinstance(thing, Ambition):
        return [found for found in thing.objectives if found.parent_id is None]
    return thing.children


def _printed_together(contract: Contract | None, communes: list[Commune]) -> list[tuple[str, dict[str, Any]]]:
    """Return the populations printed for several quartiers at once, with the names of these."""
    names = {found.slug: found.name for place in communes for found in place.quartiers}
    printed = [found for found in contract.printed_populations if found["quartiers"]] if contract else []
    return [(" + ".join(names[slug] for slug in found["quartiers"] if slug in names), found) for found in printed]


def _of_place(place: Commune | Quartier, filters: Filters, meeting_filters: MeetingFilters) -> dict[str, Any]:
    """Return what the pages of a commune and of a quartier both show."""
    session = db.session()
    return {
        "bodies": queries.list_bodies_of(session, place),
        "upcoming": list_upcoming(session, meeting_filters, {}, today(), MEETINGS),
        "past": list_past(session, meeting_filters, {}, today(), MEETINGS),
        "today": today(),
        "type_names": MEETING_TYPES,
        "here": {"commune" if isinstance(place, Commune) else "quartier": place.slug},
        **_proposals(filters),
    }


def _proposals(filters: Filters) -> dict[str, Any]:
    """Return one page of the proposals asked for."""
    page = list_for_everybody(db.session(), filters, request.args, today())
    return {"cards": cards(db.session(), page.items, today()), "beside": beside(page)}
