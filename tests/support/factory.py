"""Rows for the tests: small, plausible, fictitious. Each function adds its row and flushes; `db.session.commit()` is
the test's own, so that requests of `client` see it. Names and slugs differ from call to call unless given.
"""

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterable
from typing import Any

from flask import Response
from werkzeug.test import Client

from participation.bodies.models import Body, BodyKind
from participation.contract.models import Ambition, Commune, Contract, Objective, Quartier, Recipient, Theme
from participation.database import now
from participation.extensions import db
from participation.media import storage
from participation.media.models import Media
from participation.meetings.models import Meeting
from participation.minutes.models import CHECKS, PublicationCheck
from participation.opinions.models import Opinion
from participation.people.models import Account, AccountScope
from participation.proposals.models import OUTCOMES, Proposal, Step
from participation.proposals.rules import settle
from participation.proposals.search import index

_numbers = itertools.count(1)


def make_contract(**values: Any) -> Contract:
    """Add the contract (there is one): 2024-2030, with the sentences of two levels and two institutions."""
    defaults = {
        "slug": "contrat-d-essai",
        "name": "Contrat d'essai",
        "holder": "Ville d'essai",
        "starts": 2024,
        "midterm": 2027,
        "ends": 2030,
        "levels": [
            {"code": "information", "name": "Information", "sentence": "On vous informe."},
            {
                "code": "consultation",
                "name": "Consultation",
                "sentence": "On vous demande votre avis. La mairie décide.",
            },
        ],
        "institutions": ["Bailleur d'essai", "Centre social d'essai"],
        "file_sha256": "0" * 64,
        "loaded_at": now(),
    }
    return _add(Contract(**(defaults | values)))


def make_commune(slug: str | None = None, **values: Any) -> Commune:
    """Add a commune."""
    number = next(_numbers)
    defaults = {"slug": slug or f"commune-{number}", "name": f"Commune {number}", "position": number}
    return _add(Commune(**(defaults | values)))


def make_quartier(slug: str | None = None, communes: Iterable[Commune] = (), **values: Any) -> Quartier:
    """Add a quartier, of a commune of its own if none is given."""
    number = next(_numbers)
    defaults = {
        "slug": slug or f"quartier-{number}",
        "name": f"Quartier {number}",
        "kind": "qpv",
        "position": number,
        "communes": list(communes) or [make_commune()],
    }
    return _add(Quartier(**(defaults | values)))


def make_body(
    slug: str | None = None,
    communes: Iterable[Commune] = (),
    quartiers: Iterable[Quartier] = (),
    kind: str = "commission_citoyenne",
    **values: Any,
) -> Body:
    """Add a body (participation, communale), of a commune of its own if none is given."""
    number = next(_numbers)
    if db.session.get(BodyKind, kind) is None:
        _add(BodyKind(slug=kind, name=kind.replace("_", " ").capitalize()))
    defaults = {
        "slug": slug or f"instance-{number}",
        "name": f"Instance {number}",
        "kind": kind,
        "family": "participation",
        "scale": "communale",
        "communes": list(communes) or [make_commune()],
        "quartiers": list(quartiers),
    }
    return _add(Body(**(defaults | values)))


def make_meeting(ref: str | None = None, bodies: Iterable[Body] = (), **values: Any) -> Meeting:
    """Add a planned meeting on 12 March 2026, of a body of its own if none is given; counts are unknown."""
    number = next(_numbers)
    defaults = {
        "ref": ref or f"renc-{number}",
        "title": f"Rencontre {number}",
        "type": "reunion",
        "held_on": dt.date(2026, 3, 12),
        "created_at": now(),
        "bodies": list(bodies) or [make_body()],
    }
    return _add(Meeting(**(defaults | values)))


def declare_checks(meeting: Meeting) -> None:
    """Declare the five checks before publishing done, as an animator does on their page."""
    for point in CHECKS:
        _add(PublicationCheck(meeting_id=meeting.id, point=point, done_at=now()))


def make_theme(slug: str | None = None, **values: Any) -> Theme:
    """Add a theme."""
    number = next(_numbers)
    defaults = {"slug": slug or f"theme-{number}", "name": f"Thème {number}", "position": number}
    return _add(Theme(**(defaults | values)))


def make_ambition(code: str = "AMB", **values: Any) -> Ambition:
    """Add an ambition."""
    defaults = {"code": code, "slug": code.lower(), "name": f"Ambition {code}"}
    return _add(Ambition(**(defaults | values)))


def make_objective(code: str, ambition: Ambition, parent: Objective | None = None, **values: Any) -> Objective:
    """Add a strategic objective, or an operational one below `parent`."""
    defaults = {
        "code": code,
        "ambition": ambition,
        "parent": parent,
        "level": "operational" if parent else "strategic",
        "printed": code.partition("-")[2] or code,
        "name": f"Objectif {code}",
        "position": next(_numbers),
    }
    return _add(Objective(**(defaults | values)))


def make_recipient(slug: str | None = None, **values: Any) -> Recipient:
    """Add someone besides the bodies to whom a proposal may be passed."""
    number = next(_numbers)
    defaults = {"slug": slug or f"destinataire-{number}", "name": f"Destinataire {number}", "position": number}
    return _add(Recipient(**(defaults | values)))


def make_opinion(ref: str | None = None, **values: Any) -> Opinion:
    """Add a published opinion of 12 March 2026, at a meeting of its own if no place is given."""
    number = next(_numbers)
    if not any(values.get(place) for place in ("meeting", "body", "quartier")):
        values["meeting"] = make_meeting()
    defaults = {
        "ref": ref or f"avis-{number}",
        "text": f"Avis numéro {number}.",
        "received_on": dt.date(2026, 3, 12),
        "moderation": "publie",
        "created_at": now(),
    }
    return _add(Opinion(**(defaults | values)))


def make_proposal(ref: str | None = None, steps: Iterable[dict[str, Any]] = (), **values: Any) -> Proposal:
    """Add a proposal gathered on 12 March 2026 by a body of its own if none is given; `steps` follow, a day apart.

    A step is a mapping of the model's fields; `kind` is enough, and its reason and destination are filled in.
    """
    number = next(_numbers)
    on_date = values.pop("received_on", dt.date(2026, 3, 12))
    body = values.pop("body", None) or make_body()
    first = {"kind": "recueillie", "on_date": on_date, "body": body, "meeting": values.get("meeting")}
    proposal = Proposal(
        **{
            "ref": ref or f"prop-{number}",
            "title": f"Proposition numéro {number}",
            "body": body,
            "received_on": on_date,
            "state": "recueillie",
            "state_on": on_date,
            "created_at": now(),
        }
        | values
    )
    for position, given in enumerate([first, *steps], start=1):
        proposal.steps.append(_make_step(position, on_date + dt.timedelta(days=position - 1), given))
    settle(proposal)
    _add(proposal)
    index(db.session(), proposal)
    return proposal


def _make_step(position: int, on_date: dt.date, given: dict[str, Any]) -> Step:
    values: dict[str, Any] = {"position": position, "on_date": on_date, "created_at": now()} | given
    if values["kind"] in OUTCOMES:
        values.setdefault("reason", "Voici pourquoi.")
    if values["kind"] == "transmise" and not ("to_body" in values or "to_recipient" in values):
        values["to_recipient"] = make_recipient()
    if values["kind"] == "regroupee" and "to_proposal" not in values:
        values["to_proposal"] = make_proposal()
    if values.get("voided_on"):
        values.setdefault("voided_reason", "Noté par erreur.")
    return Step(**values)


def make_media(ref: str | None = None, kind: str = "photo", data: bytes = b"octets", **values: Any) -> Media:
    """Add a photo (or `kind="audio"`) that holds `data`, of a waiting opinion of its own; its file is in place."""
    number = next(_numbers)
    defaults = {
        "ref": ref or f"media-{number}",
        "kind": kind,
        "stored_name": storage.new_name(kind),
        "size": len(data),
        "seconds": 7 if kind == "audio" else None,
        "sha256": hashlib.sha256(data).hexdigest(),
        "created_at": now(),
    }
    values.setdefault("opinion", None)
    values["opinion"] = values["opinion"] or make_opinion(moderation="en_attente")
    media = _add(Media(**(defaults | values)))
    if media.is_kept:
        (storage.folder() / media.stored_name).write_bytes(data)
    return media


def make_account(role: str = "admin", *scopes: tuple[str, str], function: str = "Fonction d'essai") -> Account:
    """Add an account without identity; `scopes` are (`commune` | `quartier` | `instance`, slug)."""
    rows = [AccountScope(kind=kind, slug=slug) for kind, slug in scopes]
    return _add(Account(role=role, function=function, created_at=now(), scopes=rows))


def sign_in(client: Client, account: Account) -> None:
    """Sign the account in from this client. Commits what the test added."""
    from participation.people import sessions

    db.session.commit()
    app: Any = client.application
    with app.test_request_context():
        sessions.start(account, by_link=True)
        db.session.commit()
        answer = app.process_response(Response())
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    client.set_cookie(name, value)


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row
