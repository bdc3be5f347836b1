"""Who may do what: every route, every method, every role, by real requests (security.md R01-R03).

What is expected stands here, copied from the matrix of security.md by hand, and not from permissions.py: a change there
that nobody meant is seen here. A new route that takes arguments needs a line in PLACES_OF_ROUTES, a new right one in
WHO: without it a test fails and says so.
"""

import datetime as dt
import io
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from participation import clock, permissions
from participation.assessment import closing, notes, signing
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.models import Mandate, MandatePerson
from participation.circuit.models import ToDecide
from participation.database import now
from participation.extensions import db
from participation.following import contacts, visits
from participation.following import rules as following
from participation.live import keys as meeting_keys
from participation.meetings.models import Decision, MinutesVersion
from participation.opinions.models import Opinion
from participation.people.models import Account, AccountIdentity
from participation.permissions import check_every_route, public, requires
from participation.reports.models import Report
from participation.seats.models import Presence
from participation.speaking.doors import quartier_door
from participation.speaking.keys import make_key
from participation.speaking.models import MeetingCode
from participation.subscriptions import rules as subscriptions
from participation.subscriptions.models import Subscription
from tests.support import deeds, factory
from tests.support.apps import dispose, make_app
from tests.support.filling import fields_of
from tests.support.html import csp_faults
from tests.support.plans import make_campaign
from tests.support.relays import make_relay

EVERYWHERE, IN_SCOPE = "everywhere", "in scope"
_TEAM = {"admin": EVERYWHERE, "chef_projet": EVERYWHERE}
_ALL = _TEAM | dict.fromkeys(("animateur", "elu", "representant"), EVERYWHERE)

WHO: dict[str, dict[str, str]] = {
    "account.own": _ALL,
    "team.home": _ALL,
    "meeting.create": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "meeting.edit": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "meeting.live": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "meeting.headcounts": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE, "elu": IN_SCOPE},
    "opinion.create": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE, "elu": IN_SCOPE},
    "opinion.read": _TEAM | {"animateur": IN_SCOPE},
    "opinion.moderate": _TEAM | {"animateur": IN_SCOPE},
    "opinion.answer": _TEAM | {"animateur": IN_SCOPE, "elu": IN_SCOPE},
    "proposal.create": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "proposal.edit": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "proposal.step": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE, "elu": IN_SCOPE},
    "proposal.decide": _TEAM | {"elu": IN_SCOPE},
    "proposal.decide_at_meeting": _TEAM | {"elu": IN_SCOPE, "animateur": IN_SCOPE},
    "proposal.told": _TEAM | {"animateur": IN_SCOPE, "elu": IN_SCOPE},
    "proposal.void_step": _TEAM | {"animateur": IN_SCOPE},
    "answers.own": {"elu": EVERYWHERE},
    "relay.edit": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "campaign.edit": _TEAM | {"animateur": IN_SCOPE},
    "obligation.read": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE, "elu": IN_SCOPE},
    "quartier.ask": _TEAM | {"animateur": IN_SCOPE},
    "body.manage": _TEAM,
    "mandate.edit": _TEAM | {"animateur": IN_SCOPE, "representant": IN_SCOPE},
    "mandate.names": {"animateur": IN_SCOPE},
    "people.invite": _TEAM,
    "people.manage": {"admin": EVERYWHERE},
    "data.import": _TEAM | {"animateur": IN_SCOPE},
    "data.export": _TEAM,
    "assessment.full": _TEAM | {"elu": EVERYWHERE, "animateur": IN_SCOPE, "representant": IN_SCOPE},
    "assessment.comment": _TEAM | {"elu": EVERYWHERE, "animateur": IN_SCOPE},
    "assessment.close": {"admin": EVERYWHERE},
    "assessment.sign": {"elu": EVERYWHERE},
    "contract.manage": {"admin": EVERYWHERE},
    "journal.read": _TEAM,
}
"""Right -> role -> where (security.md, section 2). `public` is everybody's."""


@dataclass(frozen=True)
class Persona:
    """Somebody who asks: `here` tells whether the objects of the tests are in their scope."""

    name: str
    role: str | None
    scope: tuple[str, str] | None = None
    here: bool = False


PERSONAS = (
    Persona("anonymous", None),
    Persona("representant here", "representant", ("instance", "instance-ici"), here=True),
    Persona("representant elsewhere", "representant", ("instance", "instance-ailleurs")),
    Persona("animateur here", "animateur", ("commune", "ici"), here=True),
    Persona("animateur of the quartier", "animateur", ("quartier", "quartier-ici"), here=True),
    Persona("animateur elsewhere", "animateur", ("commune", "ailleurs")),
    Persona("elu here", "elu", ("commune", "ici"), here=True),
    Persona("elu elsewhere", "elu", ("commune", "ailleurs")),
    Persona("chef_projet", "chef_projet"),
    Persona("admin", "admin"),
)


@dataclass(frozen=True)
class Target:
    """What stands in the arguments of a route.

    `placed`: an object of the commune « ici », which scopes guard. `owner`: only this persona has it. `form`, `query`:
    what a route must be sent or asked to know its object at all.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    placed: bool = True
    owner: str | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


PLACES_OF_ROUTES: dict[str, Target] = {
    "/communes/<slug>": Target({"slug": "ici"}),
    "/quartiers/<slug>": Target({"slug": "quartier-ici", "way": "ecrire"}),
    "/c/<digits>": Target({"digits": "4821", "way": "ecrire"}),
    "/C/<digits>": Target({"digits": "4821", "way": "ecrire"}),
    "/m/<ref>": Target({"ref": "renc-ici", "way": "ecrire"}),
    "/M/<ref>": Target({"ref": "RENC-ICI", "way": "ecrire"}),
    "/ecrire/<cle>": Target({"cle": "{parole}"}),
    "/parler/<cle>": Target({"cle": "{parole}"}),
    "/photo/<cle>": Target({"cle": "{parole}"}),
    "/proches/<cle>": Target({"cle": "{parole}"}, form={"texte": "Des bancs."}),
    "/envoi/<cle>": Target({"cle": "{parole}"}, form={"texte": "Des bancs."}),
    "/r/<words>": Target({"words": "chat-lune-pain-velo-pont"}),
    "/R/<words>": Target({"words": "CHAT-LUNE-PAIN-VELO-PONT"}),
    "/suivi/<token>": Target({"token": "{suivi}"}, form={"texte": "Des bancs.", "lecture": "publie"}),
    "/prevenir/<jeton>": Target({"jeton": "{prevenir}"}),
    "/suivre/<word>/<ref>": Target({"word": "proposition", "ref": "prop-ici"}),
    "/abonnement/<jeton>": Target({"jeton": "{abonnement}"}, form={"rythme": "mois"}),
    "/bilan/<periode>": Target({"periode": "2026", "code": "PC1.existing"}),
    "/bilan/<periode>.<any(csv, json):ending>": Target({"periode": "2026", "ending": "csv"}),
    "/elus/bilan/<periode>.<any(pdf, xlsx, csv, json):ending>": Target(
        {"periode": "2026", "ending": "pdf"}, query={"perimetre": "instance:instance-ici"}
    ),
    "/contrat/<code>": Target({"code": "AMB"}),
    "/elus/bilan/<periode>": Target(
        {"periode": "2026", "code": "PC1.existing"}, query={"perimetre": "instance:instance-ici"}
    ),
    "/bilan/<periode>/version/<int:number>": Target({"periode": "2026", "number": 1, "code": "PC1.existing"}),
    "/elus/bilan/<periode>/version/<int:number>": Target(
        {"periode": "2026", "number": 1, "code": "PC1.existing", "ending": "pdf", "signature": "{paper}"},
        query={"perimetre": "instance:instance-ici"},
    ),
    "/bilan/<periode>/objectifs": Target({"periode": "2026", "code": "AMB-1A"}),
    "/elus/bilan/<periode>/objectifs": Target(
        {"periode": "2026", "code": "AMB-1A"}, query={"perimetre": "instance:instance-ici"}
    ),
    "/elus/bilan/<periode>/notes": Target({"periode": "2026"}, query={"perimetre": "instance:instance-ici"}),
    "/elus/bilan/<periode>/notes/<int:number>": Target(
        {"periode": "2026", "number": "{note}"}, owner="elu here", query={"perimetre": "instance:instance-ici"}
    ),
    "/equipe/bilan/<periode>": Target({"periode": "2026", "number": 1}, query={"perimetre": "instance:instance-ici"}),
    "/signer/<token>": Target({"token": "{signature}"}),
    "/instances/<slug>": Target({"slug": "instance-ici"}),
    "/donnees/<int(fixed_digits=4):year>": Target({"year": 2026, "name": "avis.csv"}),
    "/donnees/<int(fixed_digits=4):year>.zip": Target({"year": 2026}),
    "/langue/<code>": Target({"code": "ar"}),
    "/rencontres/<ref>": Target({"ref": "renc-ici"}),
    "/rencontres/<ref>/compte-rendu.<any(pdf, docx):ending>": Target({"ref": "renc-publiee", "ending": "docx"}),
    "/rencontres/<ref>/compte-rendu": Target({"ref": "renc-publiee", "number": 1}),
    "/propositions/<ref>": Target({"ref": "prop-ici"}),
    "/propositions.<any(csv, xlsx):ending>": Target({"ending": "csv"}),
    "/equipe/propositions.<any(csv, xlsx):ending>": Target({"ending": "xlsx"}, placed=False),
    "/signaler/<subject>/<ref>": Target({"subject": "avis", "ref": "avis-lie"}),
    "/equipe/signalements/<ref>": Target({"ref": "sign-ici"}),
    "/equipe/entrer/<token>": Target({"token": "x" * 43}),
    "/equipe/rencontres/<ref>": Target({"ref": "renc-ici", "decision_ref": "dec-ici"}),
    "/cle/<token>": Target({"token": "{cle}"}),
    "/equipe/quartiers/<slug>": Target({"slug": "quartier-ici"}),
    "/medias/<ref>": Target({"ref": "photo-publiee"}),
    "/equipe/medias/<ref>": Target({"ref": "voix-ici"}),
    "/equipe/avis/<ref>": Target({"ref": "avis-ici", "language": "ar"}),
    "/equipe/avis/<ref>/repondre": Target({"ref": "avis-lie"}),
    "/equipe/avis/<ref>/reponse": Target({"ref": "avis-lie"}),
    "/equipe/propositions/<ref>": Target({"ref": "prop-ici", "number": 3, "opinion": "avis-lie"}),
    "/equipe/propositions/<ref>/etapes": Target({"ref": "prop-ici", "number": 3}, form={"genre": "en_cours"}),
    "/equipe/propositions/<ref>/liens": Target({"ref": "prop-ici"}, form={"proposition": "prop-ici"}),
    "/equipe/rencontres/<ref>/a-decider": Target(
        {"ref": "renc-ici", "proposition": "prop-ici"}, form={"proposition": "prop-ici", "place": "1"}
    ),
    "/equipe/rencontres/<ref>/borne": Target({"ref": "renc-ici", "langue": "ar"}),
    "/equipe/rencontres/<ref>/representants/<slug>": Target({"ref": "renc-ici", "slug": "instance-ici"}),
    "/equipe/rencontres/<ref>/retours/<slug>": Target({"ref": "renc-ici", "slug": "instance-ici"}),
    "/salle/<ref>": Target({"ref": "renc-ici"}),
    "/demarches/<ref>": Target({"ref": "demarche-ici"}),
    "/equipe/demarches/<ref>": Target({"ref": "demarche-ici"}),
    "/relais/<ref>": Target({"ref": "relais-ici"}),
    "/equipe/relais/<ref>": Target({"ref": "relais-ici", "slug": "instance-ici"}),
    "/equipe/propositions/<ref>/etapes/<int:number>/porteurs": Target({"ref": "prop-ici", "number": 2}),
    "/equipe/propositions/<ref>/etapes/<int:number>/retour": Target({"ref": "prop-ici", "number": 2}),
    "/equipe/actions/<ref>": Target({"ref": "action-ici"}),
    "/equipe/evaluations/<ref>": Target({"ref": "eval-ici"}),
    "/photos/<ref>": Target({"ref": "photo-action"}),
    "/equipe/photos/<ref>": Target({"ref": "photo-a-effacer"}),
    "/equipe/instances/<slug>": Target({"slug": "instance-ici", "ref": "mandat-ici"}),
    "/equipe/import/<token>": Target({"token": "{waiting}"}, owner="admin"),
    "/equipe/import/<token>/fait": Target({"token": "{done}"}, owner="admin"),
    "/admin/personnes/<int(max=2147483647):number>": Target({"number": "{person}"}, placed=False),
}
"""Beginning of a rule -> what to put in it; the longest one that fits counts."""

KEY = "k" * 43
"""The one-use key of every form sent here; the database is brought back after each."""

CANARIES = {
    "Canari-Nom": {"animateur here", "animateur of the quartier"},
    "canari-adresse": {"admin"},
    "canari-brouillon": {"admin", "chef_projet", "animateur here", "animateur of the quartier", "representant here"},
    "canari-avis-en-attente": {"admin", "chef_projet", "animateur here", "animateur of the quartier"},
    "canari-avis-reserve": {"admin", "chef_projet", "animateur here", "animateur of the quartier"},
    "canari-mots-a-lire": {"admin", "chef_projet", "animateur here", "animateur of the quartier"},
}
"""A word planted in private data -> who may read it anywhere at all."""


def allowed(persona: Persona, permission: str, target: Target | None) -> bool:
    """Return what is expected: whether the persona may go there."""
    if permission == "public":
        return True
    where = WHO[permission].get(persona.role or "")
    if where is None:
        return False
    if target and target.owner:
        return persona.name == target.owner
    return where == EVERYWHERE or persona.here or not (target and target.placed)


def target_of(rule: Rule) -> Target | None:
    """Return what stands in the rule's arguments; None for a rule without any. Raises where nothing is said."""
    if not rule.arguments:
        return None
    starts = [start for start in PLACES_OF_ROUTES if rule.rule == start or rule.rule.startswith(start + "/")]
    assert starts, f"{rule.rule}: say in PLACES_OF_ROUTES what to put in it"
    target = PLACES_OF_ROUTES[max(starts, key=len)]
    missing = rule.arguments - target.arguments.keys()
    assert not missing, f"{rule.rule}: say in PLACES_OF_ROUTES what to put for {sorted(missing)}"
    return target


class World:
    """An application with objects « ici », people here and elsewhere, and a way back to how it began."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.app, self.path, self.kept = app, path, path.with_suffix(".kept")
        self.cookies: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.read: dict[str, set[str]] = {}

    def changed(self) -> bool:
        """Whether anything was written since the database was kept."""
        log = self.path.with_name(self.path.name + "-wal")
        return log.exists() and log.stat().st_size > 0

    def keep(self) -> None:
        """Remember the database as it is."""
        dispose(self.app)
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(self.path, self.kept)

    def restore(self) -> None:
        """Bring the database back to what was kept."""
        dispose(self.app)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.kept, self.path)

    def client(self, persona: Persona) -> FlaskClient:
        """Return a browser in which the persona is signed in."""
        client = self.app.test_client()
        for name, value in self.cookies.get(persona.name, {}).items():
            client.set_cookie(name, value)
        return client

    def meet(self, persona: Persona) -> None:
        """Sign the persona in and remember what its browser holds."""
        client = self.app.test_client()
        if persona.role:
            with self.app.app_context():
                scopes = [persona.scope] if persona.scope else []
                account = factory.make_account(persona.role, *scopes, function=persona.name)
                account.identity = AccountIdentity(email=f"{persona.name.replace(' ', '.')}@exemple.fr")
                factory.sign_in(client, account)
        page = client.get("/equipe/compte" if persona.role else "/equipe/connexion")
        self.tokens[persona.name] = fields_of(page)["csrf_token"][0]
        found = (client.get_cookie(name) for name in ("equipe", "formulaire"))
        self.cookies[persona.name] = {cookie.key: cookie.value for cookie in found if cookie}

    def ask(self, persona: Persona, rule: Rule, method: str, target: Target | None) -> TestResponse:
        """Send one request, with a token of forms and nothing else in it."""
        arguments = dict(target.arguments) if target else {}
        arguments |= {
            name: self.values[value[1:-1]]
            for name, value in arguments.items()
            if isinstance(value, str) and value.startswith("{")
        }
        with self.app.test_request_context():
            built = rule.build({name: arguments[name] for name in rule.arguments}, append_unknown=False)
            assert built, f"{rule.rule} does not take {arguments}"
        sent = {"csrf_token": self.tokens[persona.name], "cle": KEY, **(target.form if target else {})}
        # The key in the address has the page of a form shown, and not only the way to it.
        asked = {
            "method": method,
            "query_string": {"cle": KEY, **(target.query if target else {})},
            "data": sent if method == "POST" else None,
        }
        answer = self.client(persona).open(built[1], **asked, buffered=True)
        answer.close()
        return answer


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all the tests of this file; each leaves it as it was."""
    folder = tmp_path_factory.mktemp("rights")
    path = folder / "world.db"
    shutil.copy(sqlite_template, path)
    app = make_app(f"sqlite:///{path}", folder / "instance")
    app.test_client_class = FlaskClient  # what stands on the pages is checked elsewhere
    app.testing = False  # a crash is an answer, 500
    world = World(app, path)
    _populate(world)
    for persona in PERSONAS:
        world.meet(persona)
    _import(world)
    _note(world)
    world.keep()
    yield world
    dispose(app)


def _populate(world: World) -> None:
    with world.app.app_context():
        factory.make_contract(announced={"strategic": 1, "operational": 0, "by_ambition": {}})
        here, elsewhere = factory.make_commune("ici"), factory.make_commune("ailleurs")
        quartier = factory.make_quartier("quartier-ici", [here])
        body = factory.make_body("instance-ici", [here], [quartier])
        factory.make_body("instance-ailleurs", [elsewhere])
        meeting = factory.make_meeting("renc-ici", [body], minutes="canari-brouillon")
        meeting.decisions.append(Decision(ref="dec-ici", text="Inviter le bailleur"))
        hour = dt.timedelta(hours=1)
        db.session.add(
            MeetingCode(meeting_id=meeting.id, digits="4821", opens_at=now() - hour, closes_at=now() + 24 * hour)
        )
        day = dt.date(2026, 3, 13)
        told = factory.make_meeting("renc-publiee", [body], minutes="Publié", minutes_published_on=day)
        db.session.add(MinutesVersion(meeting_id=told.id, number=1, text="Publié", published_at=now()))
        factory.make_opinion("avis-ici", meeting=meeting, moderation="en_attente", text="canari-avis-en-attente")
        factory.make_opinion("avis-reserve", meeting=meeting, moderation="reserve", text="canari-avis-reserve")
        proposal = factory.make_proposal("prop-ici", [{"kind": "transmise"}, {"kind": "retenue"}], body=body)
        factory.make_opinion("avis-lie", meeting=meeting, proposal_id=proposal.id)
        db.session.add(ToDecide(meeting=meeting, proposal=proposal, position=1))
        db.session.add(Presence(meeting=meeting, body=body, present=1, substitutes=0))
        make_relay("relais-ici", factory.make_body("instance-voisine", [here], [quartier]), [body])
        make_campaign("demarche-ici", body, meetings=[meeting])
        note = deeds.make_note(deeds.make_action("action-ici", proposal))
        for ref in ("photo-action", "photo-a-effacer"):
            deeds.make_action_photo(note, ref)
        deeds.make_evaluation(proposal, words="canari-mots-a-lire", ref="eval-ici")
        shown = factory.make_opinion("avis-montre", meeting=meeting)
        factory.make_media("photo-publiee", opinion=shown, description="Un banc", published_at=now())
        factory.make_media("voix-ici", "audio", opinion=factory.make_opinion(meeting=meeting, moderation="en_attente"))
        _follow(world, factory.make_opinion("avis-suivi", meeting=meeting))
        ambition = factory.make_ambition("AMB")
        factory.make_objective("AMB-1A", ambition, factory.make_objective("AMB-1", ambition))
        report = {"subject": "opinion", "subject_ref": "avis-lie", "reason": "autre", "reported_at": now()}
        db.session.add(Report(ref="sign-ici", **report))
        mandate = Mandate(ref="mandat-ici", body=body, started_on=dt.date(2026, 1, 1))
        mandate.person = MandatePerson(name="Canari-Nom")
        db.session.add(mandate)
        person = factory.make_account("elu", function="Personne à gérer")
        person.identity = AccountIdentity(email="canari-adresse@exemple.fr")
        db.session.commit()
        world.values["person"] = str(person.id)
        world.values["cle"] = meeting_keys.link(meeting_keys.give(db.session(), meeting, by=person)).rpartition("/")[2]
        world.values["parole"] = make_key(quartier_door(db.session(), quartier))
        _close_year(world, person)


def _follow(world: World, opinion: Opinion) -> None:
    """Give the opinion a code, and its author's address, not confirmed yet."""
    code = "chat-lune-pain-velo-pont"
    following.attach(db.session(), code, opinion)
    contacts.ask(db.session(), opinion, "autrice@exemple.fr", language="fr")
    contact = contacts.find(db.session(), opinion)
    assert contact
    world.values["suivi"] = visits.token_for(code)
    world.values["prevenir"] = contacts.link(contact).rpartition("/")[2]
    subject = subscriptions.Subject("proposal", "prop-ici", "Une proposition")
    subscriptions.ask(db.session(), subject, "autrice@exemple.fr", "tout", language="fr", network="")
    row = db.session.scalars(sa.select(Subscription)).one()
    world.values["abonnement"] = subscriptions.token_of(row)


def _close_year(world: World, admin: Account) -> None:
    """Close the assessments of 2026, with a signature on paper and a personal link to sign."""
    session = db.session()
    for scope in (Scope(), Scope("instance", "instance-ici")):
        frame = find_frame(session, Period(2026, 2026), scope, dt.date(2026, 3, 31))
        closed = closing.close(session, frame, by=admin)
    today = clock.today()
    paper = signing.sign_on_paper(session, closed, "maire", "valide", None, signed_on=today, scan=b"%PDF-1.7", by=admin)
    world.values["paper"] = str(paper.id)
    world.values["signature"] = signing.invite(db.session(), closed, "préfète", by=admin)
    db.session.commit()


def _note(world: World) -> None:
    """Let the élu of the place write beside its assessment."""
    with world.app.app_context():
        account = db.session.scalar(sa.select(Account).where(Account.function == "elu here"))
        scope = Scope("instance", "instance-ici")
        note = notes.write(db.session(), Period(2026, 2026), scope, "remarque", "Une remarque", block="PC1", by=account)
        db.session.commit()
        world.values["note"] = str(note.id)


def _import(world: World) -> None:
    """Let the administrator import a file, and leave a second one to confirm."""
    admin = next(persona for persona in PERSONAS if persona.role == "admin")
    for number, name in enumerate(("done", "waiting")):
        client = world.client(admin)
        page = client.get("/equipe/import")
        row = f"renc-importee-{number},2026-03-12,instance-ici,reunion,Importée,prevue\n"
        sheet = (io.BytesIO(f"ref,date,instances,type,titre,statut\n{row}".encode()), "rencontres.csv")
        checked = client.post("/equipe/import", data={**fields_of(page, "/equipe/import"), "files": sheet})
        assert checked.status_code == 303, checked.text
        world.values[name] = checked.location.rpartition("/")[2]
        if name == "done":
            form = fields_of(client.get(checked.location), checked.location)
            assert client.post(checked.location, data=form).status_code == 303


def differences(world: World, persona: Persona, rules: list[Rule]) -> list[str]:
    """Return each request of the persona whose answer is not what is expected; the world is as it was afterwards."""
    found = []
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        for rule in rules:
            if method not in (rule.methods or ()):
                continue
            permission = _permission(world.app, rule)
            try:
                target = target_of(rule)
            except AssertionError as unsaid:
                found.append(str(unsaid))
                continue
            answer = world.ask(persona, rule, method, target)
            where = f"{persona.name}: {method} {rule.rule}"
            expected = allowed(persona, permission, target)
            if not _as_expected(answer, persona, method, expected=expected, public=permission == "public"):
                found.append(f"{where} answered {answer.status_code}, expected {'yes' if expected else 'no'}")
            words = _canaries(answer)
            world.read.setdefault(persona.name, set()).update(words)
            found += [f"{where} shows {word}" for word in words if persona.name not in CANARIES[word]]
            found += [f"{where}: {fault}" for fault in _header_faults(answer)]
            if world.changed():
                if method in {"GET", "HEAD"}:
                    found.append(f"{where} wrote in the database")
                world.restore()
    return found


def _permission(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "permission", "none"))


def _as_expected(answer: TestResponse, persona: Persona, method: str, *, expected: bool, public: bool) -> bool:
    if answer.status_code >= 500:
        return False
    if expected:
        to_sign_in = (answer.location or "").startswith("/equipe/connexion?") and not public
        return answer.status_code not in {401, 403, 404, 405} and not to_sign_in
    if persona.role is None:
        to_sign_in = answer.status_code == 303 and answer.location.startswith("/equipe/connexion?")
        return to_sign_in if method in {"GET", "HEAD"} else answer.status_code == 401
    return answer.status_code == 404


def _canaries(answer: TestResponse) -> list[str]:
    everything = answer.get_data() + str(answer.headers).encode()
    return [word for word in CANARIES if word.encode() in everything]


def _header_faults(answer: TestResponse) -> list[str]:
    """Return what is wrong with the headers that every answer owes (security.md R13)."""
    faults = csp_faults(answer.headers.get("Content-Security-Policy"))
    owed = {"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"}
    return faults + [f"no {name}" for name in sorted(owed - set(answer.headers.keys()))]


def all_rules(app: Flask) -> list[Rule]:
    """Return every rule of the application, in one order."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_what_is_observed_is_what_is_declared(world: World, persona: Persona):
    assert "\n".join(differences(world, persona, all_rules(world.app))) == ""
    readable = {word for word, readers in CANARIES.items() if persona.name in readers}
    assert world.read[persona.name] == readable, "what they may read, they were shown somewhere"


def test_every_right_has_its_line():
    assert permissions.PERMISSIONS.keys() - {"public"} == WHO.keys()


@pytest.mark.parametrize("permission", sorted(WHO))
@pytest.mark.parametrize("role", ["admin", "chef_projet", "animateur", "elu", "representant"])
def test_each_right_says_what_the_matrix_says(permission: str, role: str):
    class Thing:
        def places(self) -> set[tuple[str, str]]:
            return {("commune", "ici"), ("instance", "instance-ici")}

    def may(scope: tuple[str, str] | None, *, active: bool = True) -> bool:
        scopes = [type("Scope", (), {"kind": scope[0], "slug": scope[1]})] if scope else []
        account = type("Account", (), {"role": role, "active": active, "scopes": scopes})
        return permissions.PERMISSIONS[permission](account, Thing())

    where = WHO[permission].get(role)
    assert may(("commune", "ici")) is (where is not None)
    assert may(("commune", "ailleurs")) is (where == EVERYWHERE)
    assert may(("quartier", "ici")) is (where == EVERYWHERE), "a slug counts with its kind"
    assert may(None) is (where == EVERYWHERE)
    assert not may(("commune", "ici"), active=False)
    assert not permissions.PERMISSIONS[permission](None, Thing())


# Positive controls: what this file is there to see, it sees.


def test_an_undeclared_route_stops_the_start(app: Flask):
    app.add_url_rule("/equipe/oublie", "forgotten", lambda: "secret")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_every_route(app)


def _planted(world: World, path: str, view: Any) -> list[Rule]:
    """Add a route to an application that has served already, for these controls alone."""
    endpoint = f"planted{len(world.app.view_functions)}"
    world.app.view_functions[endpoint] = view
    rule = Rule(path, endpoint=endpoint, methods=["GET"])
    world.app.url_map.add(rule)
    return [rule]


@pytest.fixture
def planting(world: World) -> Iterator[World]:
    """A second application on the same world, to plant holes in."""
    dispose(world.app)
    twin = World(make_app(f"sqlite:///{world.path}", world.path.parent / "instance"), world.path)
    twin.app.test_client_class, twin.app.testing = FlaskClient, False
    twin.cookies, twin.tokens, twin.values = world.cookies, world.tokens, world.values
    yield twin
    dispose(twin.app)


def found_by(planting: World, rules: list[Rule]) -> str:
    return "\n".join(line for persona in PERSONAS for line in differences(planting, persona, rules))


def test_an_object_that_no_scope_guards_is_seen(planting: World):
    """The classic hole: the right is asked, the object is not."""
    rules = _planted(planting, "/equipe/rencontres/<ref>/trou", requires("meeting.edit")(lambda ref: f"secret {ref}"))
    found = found_by(planting, rules)
    assert "animateur elsewhere: GET /equipe/rencontres/<ref>/trou answered 200, expected no" in found
    assert "representant elsewhere: GET /equipe/rencontres/<ref>/trou answered 200, expected no" in found
    assert "animateur here" not in found


def test_a_page_declared_public_by_mistake_shows_its_canary(planting: World):
    rules = _planted(planting, "/rencontres/<ref>/trou", public(lambda ref: "canari-avis-reserve"))
    found = found_by(planting, rules)
    assert "anonymous: GET /rencontres/<ref>/trou shows canari-avis-reserve" in found
    assert "animateur here" not in found


def test_a_reading_request_that_writes_is_seen(planting: World):
    def view() -> str:
        factory.make_commune()
        db.session.commit()
        return "secret"

    assert "GET /trou wrote in the database" in found_by(planting, _planted(planting, "/trou", public(view)))


def test_a_right_given_to_too_many_is_seen(planting: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(permissions.PERMISSIONS, "people.manage", permissions.PERMISSIONS["people.invite"])
    rules = [rule for rule in all_rules(planting.app) if rule.endpoint == "people.erase_form"]
    assert "chef_projet: GET" in found_by(planting, rules)


def test_a_route_that_crashes_is_seen(planting: World):
    def view() -> str:
        from flask import abort

        abort(500)

    assert "answered 500, expected yes" in found_by(planting, _planted(planting, "/trou-500", public(view)))


def test_a_route_without_a_line_is_seen(planting: World):
    [rule] = _planted(planting, "/equipe/nouveaute/<ref>", requires("team.home")(lambda ref: ref))
    with pytest.raises(AssertionError, match="PLACES_OF_ROUTES"):
        target_of(rule)
    [rule] = _planted(planting, "/equipe/rencontres/<ref>/<autre>", requires("team.home")(lambda ref, autre: ref))
    with pytest.raises(AssertionError, match="autre"):
        target_of(rule)
