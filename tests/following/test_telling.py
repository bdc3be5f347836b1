"""An answer is told by a person: at a meeting, or by mail to those who asked; a receipt alone does not count."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from participation.assessment import engine
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.errors import Refusal
from participation.extensions import db
from participation.following import contacts, telling
from participation.following.models import Contact
from participation.opinions.models import Opinion
from participation.people.models import Account, OutboxMail
from participation.proposals import step_rules
from participation.proposals.models import Proposal, Step
from tests.following.conftest import CODE, Give
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.deeds import make_action, make_note
from tests.support.factory import make_opinion, make_proposal
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

Enter = Callable[[Account], CheckedClient]
PAGE = "/equipe/propositions/prop-1/etapes/3/restituer"
SENT = "/equipe/propositions/prop-1/etapes/3/courriel"
WORDS = "Des bancs devant la fontaine"


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


@pytest.fixture
def answered(town: Town) -> Proposal:
    """A proposal of the commission that was refused on 14 March."""
    steps = [{"kind": "transmise"}, {"kind": "non_retenue", "short_answer": "Non, le sol est trop mou."}]
    proposal = make_proposal("prop-1", steps, title=WORDS, body=town.commission)
    db.session.commit()
    return proposal


def asks(opinion: Opinion, address: str, *, confirmed: bool = True, language: str = "fr") -> Contact:
    """Let the author of an opinion leave an address."""
    contacts.ask(db.session(), opinion, address, language=language)
    contact = contacts.find(db.session(), opinion)
    assert contact
    if confirmed:
        contacts.confirm(db.session(), contact)
    db.session.execute(sa.delete(OutboxMail))
    db.session.commit()
    return contact


def voices(town: Town, proposal: Proposal, *addresses: str, **values: object) -> list[Opinion]:
    """Add opinions behind the proposal whose authors confirmed these addresses."""
    found = [make_opinion(meeting=town.cafe, proposal_id=proposal.id, text=WORDS, **values) for _a in addresses]
    for opinion, address in zip(found, addresses, strict=True):
        asks(opinion, address)
    return found


def mails() -> list[OutboxMail]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.to_address)))


def decision() -> Step:
    db.session.expire_all()
    return db.session.scalars(sa.select(Step).where(Step.kind == "non_retenue")).one()


def told_share() -> tuple[int | None, int | None]:
    """Return the numerator and denominator of PC4.told_share of the year, as the assessment computes them."""
    db.session.commit()
    frame = find_frame(db.session(), Period(2026, 2026), Scope(), dt.date(2026, 3, 20))
    share = engine.assess_frame(db.session(), frame).figures["PC4.told_share"]
    return share.numerator, share.denominator


def test_a_mail_goes_to_each_address_that_asked_and_the_answer_is_told(
    as_admin: CheckedClient, answered: Proposal, town: Town
):
    voices(town, answered, "fatou@exemple.fr", "li@exemple.fr", "fatou@exemple.fr")
    assert told_share() == (0, 1)
    page = as_admin.get(PAGE, follow_redirects=True)
    assert "2 adresses" in words(page)
    answer = send(as_admin, page, SENT)
    assert (answer.status_code, answer.location) == (303, "/equipe/propositions/prop-1")
    assert [mail.to_address for mail in mails()] == ["fatou@exemple.fr", "li@exemple.fr"]
    step = decision()
    assert (step.told_on, step.told_meeting, step.told_addresses) == (dt.date(2026, 3, 20), None, 2)
    assert told_share() == (1, 1)
    assert "la réponse part par courriel à 2 adresses" in words(as_admin.get(answer.location))
    public = words(as_admin.get("/propositions/prop-1", follow_redirects=True))
    assert "Réponse envoyée par courriel à ceux qui l'ont demandé, le 20 mars 2026." in public
    assert "La réponse est partie par courriel à 2 adresses." in words(as_admin.get(PAGE, follow_redirects=True))


def test_the_mail_holds_no_word_no_place_and_no_code(
    as_admin: CheckedClient, answered: Proposal, town: Town, give: Give
):
    opinion = give(proposal_id=answered.id, text=WORDS)
    contact = asks(opinion, "fatou@exemple.fr")
    assert send(as_admin, as_admin.get(PAGE, follow_redirects=True), SENT).status_code == 303
    (mail,) = mails()
    said = f"{mail.subject}\n{mail.body}"
    assert "Il y a une réponse" in mail.subject
    assert "/suivi" in mail.body
    assert contacts.link(contact) in mail.body
    for word in (*CODE.split("-"), "bancs", "fontaine", "Quai", "prop-1", "sol"):
        assert word not in said, word


def test_the_mail_is_in_the_language_that_was_asked(as_admin: CheckedClient, answered: Proposal, town: Town):
    opinion = make_opinion(meeting=town.cafe, proposal_id=answered.id)
    contact = asks(opinion, "li@exemple.fr", language="en")
    assert contact.language == "en"
    assert send(as_admin, as_admin.get(PAGE, follow_redirects=True), SENT).status_code == 303
    assert contacts.link(contact) in mails()[0].body


def test_it_is_not_news_once_more(as_admin: CheckedClient, answered: Proposal, town: Town):
    voices(town, answered, "fatou@exemple.fr")
    db.session.execute(sa.update(Contact).values(told_state="transmise"))
    db.session.commit()
    assert send(as_admin, as_admin.get(PAGE, follow_redirects=True), SENT).status_code == 303
    contacts.tell_news(db.session())
    db.session.commit()
    assert len(mails()) == 1


def test_those_of_merged_proposals_are_written_to_as_well(as_admin: CheckedClient, answered: Proposal, town: Town):
    middle = make_proposal("prop-2", [{"kind": "regroupee", "to_proposal": answered}], body=town.commission)
    far = make_proposal("prop-3", [{"kind": "regroupee", "to_proposal": middle}], body=town.commission)
    apart = make_proposal("prop-4", body=town.commission)
    voices(town, middle, "milieu@exemple.fr")
    voices(town, far, "loin@exemple.fr")
    voices(town, apart, "ailleurs@exemple.fr")
    assert send(as_admin, as_admin.get(PAGE, follow_redirects=True), SENT).status_code == 303
    assert [mail.to_address for mail in mails()] == ["loin@exemple.fr", "milieu@exemple.fr"]


def test_who_has_not_confirmed_or_took_it_back_is_not_written_to(
    as_admin: CheckedClient, answered: Proposal, town: Town
):
    unsure = make_opinion(meeting=town.cafe, proposal_id=answered.id)
    asks(unsure, "hesite@exemple.fr", confirmed=False)
    (back,) = voices(town, answered, "retire@exemple.fr")
    (hidden,) = voices(town, answered, "cache@exemple.fr")
    back.withdrawal_asked_at = back.created_at
    hidden.moderation, hidden.moderation_reason = "rejete", "Une insulte"
    db.session.commit()
    page = as_admin.get(PAGE, follow_redirects=True)
    assert "Personne n'a demandé de courriel. Dites la réponse à une rencontre." in words(page)
    with pytest.raises(Refusal, match="Personne n'a demandé"):
        telling.send(db.session(), answered, answered.steps[2], by=town.admin)
    assert decision().told_on is None


@pytest.mark.both_databases
def test_pressed_twice_it_is_sent_once(as_admin: CheckedClient, answered: Proposal, town: Town):
    voices(town, answered, "fatou@exemple.fr")
    page = as_admin.get(PAGE, follow_redirects=True)
    for _n in range(2):
        assert send(as_admin, page, SENT).status_code == 303
    assert len(mails()) == 1
    again = send(as_admin, page, SENT, cle="k" * 43)
    assert again.status_code == 422
    assert "Cette réponse est déjà partie par courriel." in words(again)
    assert len(mails()) == 1


def test_told_at_a_meeting_first_it_keeps_that_day(as_admin: CheckedClient, answered: Proposal, town: Town):
    voices(town, answered, "fatou@exemple.fr")
    told = "/equipe/propositions/prop-1/etapes/3/restitution"
    assert fill(as_admin, f"{PAGE}?rencontre=seance", told).status_code == 303
    assert send(as_admin, as_admin.get(PAGE, follow_redirects=True), SENT).status_code == 303
    step = decision()
    assert (step.told_on, step.told_meeting, step.told_addresses) == (dt.date(2026, 3, 18), town.session, 1)
    public = words(as_admin.get("/propositions/prop-1", follow_redirects=True))
    assert "Réponse donnée aux habitants le 18 mars 2026, et par courriel." in public
    assert fill(as_admin, PAGE, told, faire="retirer").status_code == 303
    assert (decision().told_on, decision().told_addresses) == (None, None)


def test_an_elu_reads_no_small_number_of_addresses(answered: Proposal, town: Town, enter: Enter):
    voices(town, answered, "fatou@exemple.fr")
    elu = enter(town.elu)
    page = elu.get(PAGE, follow_redirects=True)
    assert "moins de 5 adresses" in words(page)
    answer = send(elu, page, SENT)
    assert "moins de 5 adresses" in words(elu.get(answer.location))
    assert decision().told_addresses == 1


def test_only_a_decision_that_holds_is_mailed(answered: Proposal, town: Town):
    voices(town, answered, "fatou@exemple.fr")
    with pytest.raises(Refusal, match="Seule une réponse"):
        telling.send(db.session(), answered, answered.steps[1], by=town.admin)


def test_a_receipt_shows_the_answer_and_that_alone_does_not_count(
    client: CheckedClient, answered: Proposal, give: Give
):
    give(proposal_id=answered.id)
    receipt = client.get(client.post("/suivi/chercher", data={"mots": CODE}).location)
    assert "Non, le sol est trop mou." in words(receipt)
    assert decision().told_on is None
    assert told_share() == (0, 1)


def test_a_short_answer_to_an_opinion_is_on_its_receipt_and_its_author_is_told(
    as_admin: CheckedClient, give: Give, town: Town, client: CheckedClient
):
    opinion = give(moderation="publie")
    asks(opinion, "fatou@exemple.fr")
    path = f"/equipe/avis/{opinion.ref}"
    said = {"answer": "Le banc est réparé.", "answered_on": "2026-03-20"}
    assert fill(as_admin, f"{path}/repondre", f"{path}/reponse", **said).status_code == 303
    resident = client.application.test_client()
    receipt = resident.get(resident.post("/suivi/chercher", data={"mots": CODE}).location)
    assert "Voici la réponse." in words(receipt)
    assert "Le banc est réparé." in words(receipt)
    contacts.tell_news(db.session())
    db.session.commit()
    assert [mail.to_address for mail in mails()] == ["fatou@exemple.fr"]


def test_an_author_is_told_when_what_was_accepted_goes_on(town: Town, give: Give):
    proposal = make_proposal("prop-1", [{"kind": "transmise"}, {"kind": "retenue"}], body=town.commission)
    asks(give(proposal_id=proposal.id), "fatou@exemple.fr")

    def work() -> int:
        for _n in range(2):
            contacts.tell_news(db.session())
            db.session.commit()
        return len(mails())

    assert work() == 0, "confirmed after the answer: it is known"
    action = make_action(proposal=proposal)
    assert work() == 0
    make_note(action, "Les bancs sont commandés.")
    assert work() == 1
    assert "commandés" not in mails()[0].body


def test_the_page_costs_the_same_for_one_address_and_for_many(as_admin: CheckedClient, answered: Proposal, town: Town):
    def cost() -> int:
        address = PAGE + "?cle=" + "k" * 43
        with count_queries(as_admin.application) as count:
            assert as_admin.get(address).status_code == 200
        return count.number

    voices(town, answered, "fatou@exemple.fr")
    before = cost()
    voices(town, answered, *(f"voix-{number}@exemple.fr" for number in range(8)))
    assert cost() == before


def test_the_button_stands_on_no_page_of_a_proposal_without_an_answer(as_admin: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", [{"kind": "transmise"}, {"kind": "ajournee"}], body=town.commission)
    db.session.commit()
    assert as_admin.get(PAGE).status_code == 404
    assert step_rules.last_step(proposal).told_addresses is None
    assert fields_of(as_admin.get("/equipe/propositions/prop-1/etape?genre=non_retenue", follow_redirects=True))
