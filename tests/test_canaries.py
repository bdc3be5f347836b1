"""What must not be read is read nowhere: a canary text stands in every private column, and every page, file, feed, API
and mail is searched for it, for a passer-by and for those of the team whose scope is elsewhere.

Each column that can hold a text is classed here: a new one fails the test until somebody has said who may read it.
"""

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from participation import clock, journal
from participation.bodies.models import Mandate, MandatePerson
from participation.database import now
from participation.extensions import Model, db
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.people.models import AccountIdentity, OutboxMail
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from participation.subscriptions import rules as subscriptions
from participation.subscriptions.models import Subscription
from participation.subscriptions.tasks import tell_news
from tests.support import deeds, factory, paper
from tests.support.html import Page
from tests.support.residents import demonstration

__all__ = ["demonstration"]

HIDDEN = "moderation <> 'publie'"
PRIVATE: dict[str, dict[str, str]] = {
    "account_identity": {"email": ""},
    "agenda_item": {"notes": ""},
    "assessment_note": {"text": "withdrawn_at IS NOT NULL"},
    "contact": {"address": ""},
    "draft": {"fields": "", "faults": ""},
    "evaluation": {"words": HIDDEN, "moderation_reason": HIDDEN},
    "journal_entry": {"actor": "", "sentence": "", "details": ""},
    "live_event": {"data": "", "author": ""},
    "mail_report": {"subject": ""},
    "mandate_person": {"name": ""},
    "mask_choice": {"author": ""},
    "media": {"description": "published_at IS NULL"},
    "meeting": {"minutes": "minutes_published_on IS NULL"},
    "meeting_photo": {"description": "published_at IS NULL"},
    "opinion": dict.fromkeys(("text", "question", "answer"), HIDDEN) | {"moderation_reason": ""},
    "opinion_translation": {"text": f"opinion_id IN (SELECT id FROM opinion WHERE {HIDDEN})", "author": ""},
    "outbox_mail": {"to_address": "", "subject": "", "body": "", "end_url": ""},
    "publication_check": {"author": ""},
    "recorded_opinion": {"card": ""},
    "report": {"words": "", "outcome_reason": ""},
    "subscription": {"address": ""},
}
"""Columns that hold what not everybody may read, with the condition of the rows that do; none: every row."""
PUBLIC: dict[str, str] = {
    "account": "function", "action": "text owner residents dropped_reason author", "action_note": "text author",
    "action_photo": "description", "agenda_item": "title", "ambition": "name", "asked_question": "text",
    "assessment_note": "author", "baseline": "label", "body": "name closing_reason note", "body_alias": "name",
    "body_kind": "name", "cadence": "label", "campaign": "title purpose", "campaign_question": "text",
    "closed_assessment": "closed_by public_canonical", "closed_figures": "document", "commune": "name",
    "contract": "name holder siren response_days_note printed_populations announced levels institutions",
    "decision": "text owner answer_from", "means": "name", "meeting": "title place cancel_reason",
    "meeting_institution": "name", "minutes_version": "text reason", "objective": "printed name",
    "presence": "brought told", "proposal": "title text", "proposal_word": "word", "quartier": "name",
    "question": "text note", "recipient": "name", "relay": "title text carrier author", "relay_copy": "reply",
    "signature": "function words", "step": "reason short_answer owner deliberation voided_reason author",
    "theme": "name", "transmission": "carrier report",
}  # fmt: skip
"""Columns that everybody may read. `function` and `author` are functions, never names."""
CODES: dict[str, str] = {
    "account": "role", "account_identity": "password_hash totp_secret", "account_scope": "kind slug", "action": "ref",
    "action_photo": "ref stored_name sha256", "agenda_item": "ref", "ambition": "code slug",
    "assessment_meeting": "period scope_kind scope_slug", "assessment_note": "period scope_kind scope_slug block kind",
    "baseline": "indicator", "body": "slug kind family scale level from_file", "body_kind": "slug",
    "cadence": "key meeting_type", "cadence_reminder": "cadence_key", "campaign": "ref",
    "closed_assessment": "period scope_kind scope_slug rules canonical sha256 xlsx_sha256 pdf_sha256",
    "commune": "slug insee", "contact": "language token_hash told_state", "contract": "slug timezone file_sha256",
    "decision": "ref", "draft": "key_hash", "evaluation": "ref phone_hash face moderation language",
    "follow_code": "code_hash", "journal_entry": "action object_kind object_ref hash",
    "live_event": "id device kind content_hash made undone_by", "mail_report": "message_id why", "mandate": "ref kind",
    "mask_choice": "fragment_hash choice", "means": "slug", "media": "ref kind stored_name sha256",
    "meeting": "ref type level status", "meeting_code": "digits", "meeting_key": "token_hash",
    "meeting_photo": "ref event_id stored_name sha256", "objective": "code level", "one_time_link":
    "token_hash purpose", "opinion": "ref channel moderation language", "opinion_translation": "language",
    "outbox_mail": "dedup_key", "proposal": "ref state", "proposal_link": "kind", "publication_check": "point",
    "quartier": "slug kind qpv_code population_perimeter", "rate_window": "key_hash", "recipient": "slug",
    "recorded_opinion": "event_id", "relay": "ref", "report": "ref subject subject_ref reason outcome",
    "representation": "to_kind", "sent_form": "key_hash body_sha256 result_url",
    "signature": "choice scan_name scan_sha256", "signature_link": "token_hash function", "staff_session": "token_hash",
    "step": "kind funding", "subscription": "language subject subject_ref pace token_hash", "support": "phone_hash",
    "theme": "slug",
}  # fmt: skip
"""Words of a list, references, hashes: nobody writes a text there (the canonical text of a closed year has references
of rows; what is in it for everybody is `public_canonical`)."""


def text_columns() -> set[tuple[str, str]]:
    """Every column that can hold a text, by its table."""
    return {
        (table.name, column.name)
        for table in Model.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.String | sa.JSON)
        or isinstance(getattr(column.type, "impl", None), sa.String | sa.JSON)
    }


def test_each_column_with_a_text_is_classed_once():
    classed = Counter((table, name) for table, names in PRIVATE.items() for name in names)
    classed += Counter((t, name) for known in (PUBLIC, CODES) for t, names in known.items() for name in names.split())
    assert [where for where, times in classed.items() if times > 1] == []
    assert set(classed) == text_columns()


# Plant


def canary(table: str, column: str) -> str:
    """The word that stands in a private column, and nowhere else."""
    place = sorted((t, c) for t, names in PRIVATE.items() for c in names).index((table, column))
    return f"kwzanari{place:03}"


CANARY = re.compile(r"kwzanari(\d{3})")


def planted_in(number: str) -> str:
    """Say in which column a canary was planted."""
    return ".".join(sorted((t, c) for t, names in PRIVATE.items() for c in names)[int(number)])


@pytest.fixture
def planted(demonstration: Flask) -> Flask:
    """The demonstration with a canary in every private column."""
    with demonstration.app_context():
        held = db.session.scalars(sa.select(Meeting).where(Meeting.status == "tenue").order_by(Meeting.id)).first()
        assert held
        _said_there(held)
        _recorded_there(held)
        db.session.commit()
        for table, names in PRIVATE.items():
            for name, condition in names.items():
                _plant(Model.metadata.tables[table], name, condition)
        db.session.commit()
    return demonstration


def _said_there(held: Meeting) -> None:
    """Add, beside what pages show, what they must not: opinions, words, files, reports that nobody may read."""
    session, day = db.session(), now()
    steps = [{"kind": "transmise"}, {"kind": "retenue"}]
    proposal = factory.make_proposal("prop-canari", steps, title="Un kiosque", body=held.bodies[0])
    deeds.make_evaluation(proposal, words="x")
    for moderation in ("en_attente", "reserve", "rejete"):
        values = {"moderation": moderation, "moderation_reason": "x" if moderation == "rejete" else None}
        opinion = factory.make_opinion(f"avis-{moderation}", meeting=held, proposal_id=proposal.id, **values)
        factory.make_media(opinion=opinion, description="x")
        _insert("opinion_translation", opinion_id=opinion.id, language="en", text="x", author="x", translated_at=day)
        _insert("report", ref=f"s-{moderation}", subject="opinion", subject_ref=opinion.ref, reason="autre",
                words="x", reported_at=day)  # fmt: skip
        _insert("recorded_opinion", opinion_id=opinion.id, card="x")
    factory.make_meeting("renc-canari", held.bodies, status="tenue", minutes="x", title="Une de plus")
    person = factory.make_account("elu", function="Adjointe")
    person.identity = AccountIdentity(email="x@exemple.fr")
    mandate = Mandate(ref="mandat-canari", body=held.bodies[0], started_on=dt.date(2026, 1, 1))
    mandate.person = MandatePerson(name="x")
    session.add(mandate)
    session.flush()
    sentence, details = canary("journal_entry", "sentence"), {"x": [None, canary("journal_entry", "details")]}
    entry = journal.record(session, "proposal.edited", proposal.ref, sentence, by=person, details=details)
    entry.actor = canary("journal_entry", "actor")


def _recorded_there(held: Meeting) -> None:
    day = now()
    event = {"device": "d", "number": 1, "kind": "note", "content_hash": "0" * 64, "recorded_at": day}
    _insert("live_event", id="e", meeting_id=held.id, data={}, received_at=day, author="x", **event)
    _insert("agenda_item", ref="point", meeting_id=held.id, position=1, title="Point", notes="x")
    _insert("meeting_photo", ref="tableau", meeting_id=held.id, stored_name="t.jpg", size=1, width=1, height=1,
            sha256="0" * 64, description="x", created_at=day)  # fmt: skip
    _insert("mail_report", message_id="m", at=day, why="inconnu", subject="x")
    _insert("draft", key_hash="0" * 64, fields={}, faults={}, saved_at=day)
    _insert("publication_check", meeting_id=held.id, point="noms", done_at=day, author="x")
    _insert("mask_choice", meeting_id=held.id, fragment_hash="0" * 64, choice="garder", decided_at=day, author="x")
    _insert("assessment_note", period="2025", scope_kind="contract", scope_slug="", kind="commentaire", text="x",
            author="Équipe", written_at=day, withdrawn_at=day)  # fmt: skip
    _insert("outbox_mail", dedup_key="k", to_address="x", subject="x", body="x", created_at=day, run_after=day,
            attempts=0)  # fmt: skip


def _insert(table: str, **values: Any) -> None:
    db.session.execute(sa.insert(Model.metadata.tables[table]).values(**values))


def _plant(table: sa.Table, name: str, condition: str) -> None:
    word, column = canary(table.name, name), table.columns[name]
    if table.name != "journal_entry":  # nothing changes a line of the journal
        first = sa.cast(next(iter(table.primary_key.columns)), sa.String)
        value: Any = {"x": word} if not isinstance(column.type, sa.String) else word
        if name in {"email", "address", "to_address"}:
            value = word + sa.literal("-") + first + "@exemple.fr"
        db.session.execute(sa.update(table).where(sa.text(condition or "1 = 1")).values({name: value}))
    held = db.session.scalars(sa.select(sa.cast(column, sa.Text)))
    assert any(word in (text or "") for text in held), f"no row of {table.name} has its canary in {name}"


# Look


def words_of(answer: Any) -> str:
    """What can be read in an answer, also inside files that are packed."""
    if answer.mimetype == "application/pdf":
        return paper.words_of(answer.data)
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return str(answer.get_data(as_text=True)) if not answer.mimetype.startswith(("image/", "audio/")) else ""


def walk(
    app: Flask, client: FlaskClient, waiting: list[str], each: int, under: tuple[str, ...] = ("/",)
) -> tuple[set[str], int]:
    """Open these addresses and those to which they lead, some of each kind, under these folders.

    Return the leaks, and how many were opened.
    """
    known, kinds, leaks, opened = set(waiting), Counter[str](), set[str](), 0
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, follow_redirects=True)
        opened += 1
        text = words_of(answer)
        leaks |= {f"{planted_in(found)} at {address}" for found in CANARY.findall(text)}
        if answer.mimetype != "text/html":
            continue
        page = Page(text)
        for tag in ("a", "link"):
            for link in page.find_all(tag):
                linked = _inside(link.get("href"), answer.request.path)
                kind = linked and linked not in known and _kind(app, linked)
                if linked and kind and kinds[kind] < each and linked.startswith(under):
                    kinds[kind] += 1
                    known.add(linked)
                    waiting.append(linked)
    return leaks, opened


def _inside(link: str | None, page: str) -> str | None:
    parts = urlsplit(urljoin(page, link or ""))
    if link is None or parts.netloc or parts.scheme or not parts.path.startswith("/"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _kind(app: Flask, address: str) -> str | None:
    """The rule that answers an address, and which questions it is asked; None for files that never change."""
    parts = urlsplit(address)
    if parts.path.startswith(("/static/", "/langue/")):
        return None
    adapter = app.url_map.bind("localhost")
    try:
        endpoint, values = adapter.match(parts.path)
    except HTTPException:  # nobody answers there
        return None
    asked = ",".join(sorted(re.findall(r"([^&=]+)=", parts.query)))
    return f"{endpoint} {values.get('ending', '')} {asked}"


def starts(app: Flask) -> list[str]:
    """Where the walk begins: every address without a place in it, the things beside which canaries stand, searches."""
    plain = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ()) and "deconnexion" not in rule.rule
    ]
    with app.app_context():
        held = db.session.scalars(sa.select(Opinion).where(Opinion.ref == "avis-reserve")).one().meeting
        assert held
        here = [f"/rencontres/{held.ref}", f"/instances/{held.bodies[0].slug}"]
    here += ["/rencontres/renc-canari", "/propositions/prop-canari", "/propositions/prop-canari.atom"]
    words = [canary("opinion", "text"), canary("evaluation", "words"), canary("meeting", "minutes"), "kiosque"]
    here += [f"{path}?q={word[4:]}" for path in ("/propositions", "/reponses", "/rencontres") for word in words]
    return [*plain, *here]


each_kind = pytest.mark.parametrize("each", [1, pytest.param(5, marks=pytest.mark.full)])


@each_kind
def test_a_passer_by_reads_no_canary(planted: Flask, each: int):
    leaks, opened = walk(planted, planted.test_client(), starts(planted), each)
    assert leaks == set()
    assert opened > 100


@each_kind
@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("animateur", ("instance", "instance-loin")),
        pytest.param("representant", ("instance", "instance-loin"), marks=pytest.mark.full),
        pytest.param("elu", ("commune", "loin"), marks=pytest.mark.full),
    ],
)
def test_who_acts_elsewhere_reads_no_canary(planted: Flask, role: str, scope: tuple[str, str], each: int):
    client = planted.test_client()
    with planted.app_context():
        factory.make_body("instance-loin", [factory.make_commune("loin")])
        factory.sign_in(client, factory.make_account(role, scope))
    theirs = ("/equipe", "/elus")
    own = [path for path in starts(planted) if path.startswith(theirs)]
    leaks, opened = walk(planted, client, own, each, theirs)
    assert leaks == set()
    assert opened > 50


def test_no_mail_of_news_tells_a_canary(planted: Flask):
    with planted.app_context():
        session = db.session()
        subject = subscriptions.Subject("proposal", "prop-canari", "Un kiosque")
        subscriptions.ask(session, subject, "sacha@exemple.fr", "tout", language="fr", network="")
        row = session.scalars(sa.select(Subscription).where(Subscription.subject_ref == "prop-canari")).one()
        subscriptions.confirm(session, row)
        proposal = session.scalars(sa.select(Proposal).where(Proposal.ref == "prop-canari")).one()
        step = step_rules.StepDraft("en_cours", clock.today(), short_answer="Les travaux commencent.")
        step_rules.add_step(session, proposal, step, version=proposal.version, by=factory.make_account("admin"))
        session.execute(sa.update(Subscription).values(told_until=0, next_on=None))
        session.execute(sa.delete(OutboxMail))
        session.commit()
        tell_news(session)  # all that the journal has, to all who follow something
        mails = [f"{mail.subject} {mail.body}" for mail in session.scalars(sa.select(OutboxMail))]
        session.rollback()
    assert any("kiosque" in mail for mail in mails)
    assert [CANARY.findall(mail) for mail in mails] == [[]] * len(mails)
