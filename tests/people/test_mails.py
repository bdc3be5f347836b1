"""The box of mails: sent by a real server, once, erased; what happens when the server says no."""

import socket
import threading

import pytest
import sqlalchemy as sa
import time_machine

from participation.config import ConfigError, read_settings
from participation.extensions import db
from participation.people import mails, outbox
from participation.people.models import MailReport, OutboxMail
from tests.support.apps import SECRETS, dispose, make_app
from tests.support.smtp import AnyPort


@pytest.fixture
def app(db_url, tmp_path, mail_server):
    address = f"smtp://127.0.0.1:{mail_server.port}"
    app = make_app(db_url, tmp_path / "i", mail_url=address, mail_from="participation@exemple.fr")
    yield app
    dispose(app)


def queue(app, *keys: str) -> None:
    with app.app_context():
        for key in keys:
            mails.queue_mail(
                db.session(), key, f"{key}@exemple.fr", "Votre lien de connexion", f"Bonjour {key}, ça va ?\n"
            )
        db.session.commit()


def send(app) -> int:
    with app.app_context():
        return outbox.send_due(db.session())


def waiting(app) -> list[OutboxMail]:
    with app.app_context():
        return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


@pytest.mark.both_databases
def test_mails_leave_once_and_are_erased(app, mailbox):
    queue(app, "a", "b")
    assert send(app) == 2
    assert waiting(app) == []
    assert send(app) == 0
    assert [message["To"] for message in mailbox.received] == ["a@exemple.fr", "b@exemple.fr"]
    first = mailbox.received[0]
    assert first["From"] == "participation@exemple.fr"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "ça va ?" in first.get_content()


@pytest.mark.both_databases
def test_the_same_mail_is_queued_once(app):
    queue(app, "a")
    queue(app, "a")
    assert len(waiting(app)) == 1


def test_a_mail_is_not_sent_where_its_cause_did_not_happen(app, mailbox):
    with app.app_context():
        mails.queue_mail(db.session(), "a", "a@exemple.fr", "Sujet", "Corps")
        db.session.rollback()
    assert send(app) == 0


def test_more_than_one_batch_leaves(app, mailbox):
    queue(app, *(f"n{number}" for number in range(45)))
    assert send(app) == 45
    assert len(mailbox.received) == 45


@pytest.mark.both_databases
def test_two_senders_at_once_send_each_mail_once(app, mailbox):
    queue(app, *(f"n{number}" for number in range(60)))
    sent: list[int] = []
    threads = [threading.Thread(target=lambda: sent.append(send(app))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 60
    assert len({message["To"] for message in mailbox.received}) == len(mailbox.received) == 60


def test_a_temporary_refusal_waits_longer_each_time(app, mailbox):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        mailbox.answers = ["451 plus tard"] * 3
        pauses = []
        for _ in range(3):
            assert send(app) == 0
            [mail] = waiting(app)
            pauses.append((mail.run_after - mail.created_at).total_seconds())
            clock.move_to(mail.run_after)
        assert [b - a for a, b in zip([0, *pauses], pauses, strict=False)] == [60, 120, 240]
        assert send(app) == 1


def reports(app) -> list[MailReport]:
    with app.app_context():
        return list(db.session.scalars(sa.select(MailReport).order_by(MailReport.id)))


@pytest.mark.both_databases
def test_a_permanent_refusal_erases_the_mail_and_is_reported_without_its_address(app, mailbox, caplog):
    queue(app, "a", "b")
    mailbox.recipients["a@exemple.fr"] = "550 inconnue ici"
    assert send(app) == 1
    assert waiting(app) == []
    [report] = reports(app)
    assert (report.why, report.subject) == ("refuse", "Votre lien de connexion")
    assert report.message_id in caplog.text
    assert "exemple.fr" not in caplog.text


def test_a_refusal_of_the_content_is_an_answer_too(app, mailbox):
    queue(app, "a", "b")
    mailbox.answers = ["554 trop long", "250 OK"]
    assert send(app) == 1
    assert [report.why for report in reports(app)] == ["refuse"]


class Silent:
    """A mail server that takes a mail and breaks the connection instead of answering."""

    def __init__(self) -> None:
        self.received = 0

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.received += 1
        server.transport.abort()
        return "250 OK"


@pytest.mark.both_databases
def test_a_mail_whose_answer_is_lost_is_not_sent_again_but_reported(db_url, tmp_path):
    silent = Silent()
    controller = AnyPort(silent, hostname="127.0.0.1", port=0)
    controller.start()
    address = f"smtp://127.0.0.1:{controller.port}"
    app = make_app(db_url, tmp_path / "i", mail_url=address, mail_from="participation@exemple.fr")
    queue(app, "a", "b")
    assert send(app) == 0
    [left] = waiting(app)
    assert (left.dedup_key, left.handed_at, left.lease_until) == ("b", None, None)
    [report] = reports(app)
    assert report.why == "inconnu"
    assert silent.received == 1
    controller.stop()
    dispose(app)


@pytest.mark.both_databases
def test_a_mail_whose_sender_died_on_the_way_is_reported(app, mailbox):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        with app.app_context():
            [mail] = outbox._take(db.session())
            assert outbox._hand(db.session(), mail, [])
        assert (send(app), reports(app)) == (0, []), "it may still be at work"
        clock.shift(outbox.LEASE.total_seconds() + 1)
        assert send(app) == 0
        assert waiting(app) == []
        assert [report.why for report in reports(app)] == ["inconnu"]
        with app.app_context():
            assert not outbox._hand(db.session(), mail, []), "it was taken from the sender meanwhile"


def test_a_sender_that_slept_sends_nothing_of_what_others_took(app, mailbox):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        with app.app_context():
            taken = outbox._take(db.session())
            clock.shift(outbox.LEASE.total_seconds() + 1)
            assert send(app) == 1
            queue(app, "b")  # SQLite gives it the number that the first one had
            with outbox._server() as server:
                assert outbox._send_all(db.session(), server, taken) == 0
    assert [message["To"] for message in mailbox.received] == ["a@exemple.fr"]
    assert [mail.dedup_key for mail in waiting(app)] == ["b"]


def test_reports_are_erased_in_the_end(app, mailbox):
    mailbox.recipients["a@exemple.fr"] = "550 inconnue ici"
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        send(app)
        clock.shift(outbox.REPORTS_KEPT.total_seconds() + 1)
        with app.app_context():
            outbox.purge_reports(db.session())
            db.session.commit()
    assert reports(app) == []


@pytest.mark.parametrize("taken", [True, False])
def test_an_address_outside_ascii_needs_a_server_that_takes_it(db_url, tmp_path, mailbox, taken):
    controller = AnyPort(mailbox, hostname="127.0.0.1", port=0, enable_SMTPUTF8=taken)
    controller.start()
    address = f"smtp://127.0.0.1:{controller.port}"
    app = make_app(db_url, tmp_path / "i", mail_url=address, mail_from="participation@exemple.fr")
    queue(app, "zoé", "b")
    assert send(app) == 1 + taken
    assert [report.why for report in reports(app)] == [] if taken else ["refuse"]
    controller.stop()
    dispose(app)


def test_mails_are_seven_bits_wide_and_carry_the_button_that_ends_them(app, mailbox):
    url = "https://exemple.fr/abonnement/x/fin"
    with app.app_context():
        mails.queue_mail(db.session(), "a", "a@exemple.fr", "Déjà", "Où ? هنا\n", end_url=url)
        db.session.commit()
    send(app)
    [message] = mailbox.received
    assert message.as_bytes().isascii()
    assert (message["Subject"], message.get_content().strip()) == ("Déjà", "Où ? هنا")
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mails_wait_while_the_server_is_down(db_url, tmp_path, caplog):
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        address = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
        app = make_app(db_url, tmp_path / "i", mail_url=address, mail_from="participation@exemple.fr")
        queue(app, "a")
        assert send(app) == 0
    [mail] = waiting(app)
    assert mail.lease_until is None
    assert mail.attempts == 1
    assert "exemple.fr" not in caplog.text
    dispose(app)


def test_a_sender_that_died_leaves_its_mails_to_the_next(app, mailbox):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        with app.app_context():
            assert len(outbox._take(db.session())) == 1
        assert send(app) == 0, "it may still be at work"
        clock.shift(outbox.LEASE.total_seconds() + 1)
        assert send(app) == 1


def test_a_mail_sent_again_has_the_same_name(app):
    queue(app, "a")
    [mail] = waiting(app)
    with app.app_context():
        assert outbox._message(mail)["Message-ID"] == outbox._message(mail)["Message-ID"]


def test_a_mail_that_nobody_takes_is_erased_in_the_end(app, mailbox):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        queue(app, "a")
        clock.shift(outbox.KEPT.total_seconds() + 1)
        assert send(app) == 0
        assert waiting(app) == []
        assert [report.why for report in reports(app)] == ["perime"]


def test_without_a_server_mails_wait(db_url, tmp_path):
    app = make_app(db_url, tmp_path / "i")
    queue(app, "a")
    assert send(app) == 0
    assert len(waiting(app)) == 1
    dispose(app)


def test_a_line_end_in_a_subject_adds_no_header(app, mailbox):
    with app.app_context():
        mails.queue_mail(db.session(), "a", "a@exemple.fr", "Sujet\r\nBcc: b@exemple.fr", "Corps")
        db.session.commit()
    send(app)
    assert mailbox.received[0]["Bcc"] is None


def test_a_password_does_not_travel_in_clear(app, monkeypatch, caplog):
    monkeypatch.setattr(outbox, "_LOCAL", frozenset())
    queue(app, "a")
    settings = app.extensions["participation.settings"]
    object.__setattr__(settings, "mail_url", settings.mail_url.replace("smtp://", "smtp://u:secret@"))
    assert send(app) == 0
    assert "SMTPNotSupportedError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "values",
    [
        {"MAIL_URL": "mail.exemple.fr"},
        {"MAIL_URL": "smtp://mail.exemple.fr"},
        {"MAIL_URL": "http://x", "MAIL_FROM": "a@b.fr"},
    ],
)
def test_a_half_set_mail_server_stops_the_start(tmp_path, values):
    with pytest.raises(ConfigError, match="MAIL_"):
        read_settings(values, instance=tmp_path, **SECRETS)
