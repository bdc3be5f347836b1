"""Instances and mandates: what the rules let happen, and what they refuse."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from participation import journal
from participation.bodies import queries, rules
from participation.bodies.models import BodyKind, Mandate, MandatePerson
from participation.bodies.rules import BodyValues
from participation.extensions import db
from tests.support import factory

DAY = dt.date(2026, 3, 12)


@pytest.fixture
def arras(app_context):
    factory.make_contract()
    return factory.make_commune("arras", name="Arras")


@pytest.fixture
def values(arras):
    kind = BodyKind(slug="conseil_de_quartier", name="Conseil de quartier", position=3)
    db.session.add(kind)
    return BodyValues(
        name="Conseil de quartier Centre",
        kind="conseil_de_quartier",
        family="participation",
        scale="communale",
        communes=[arras],
        quartiers=[],
        opened_on=DAY,
    )


def create(values, **others):
    body = rules.create_body(db.session(), replace(values, **others), None)
    db.session.commit()
    return body


def sentences(body) -> list[str]:
    return [entry.sentence for entry in journal.list_entries(db.session(), "body", body.slug)]


@pytest.mark.both_databases
def test_the_team_creates_an_instance(values):
    body = create(values)
    assert (body.slug, body.inferred, body.from_file, body.version) == ("conseil-de-quartier-centre", False, None, 1)
    assert sentences(body) == ["Instance créée : Conseil de quartier Centre."]


def test_a_name_already_taken_elsewhere_gets_a_slug_of_its_own(values):
    other = factory.make_commune("achicourt")
    slugs = [
        create(values).slug,
        create(values, communes=[other]).slug,
        create(values, communes=[factory.make_commune("beaurains")]).slug,
    ]
    assert slugs == [
        "conseil-de-quartier-centre",
        "conseil-de-quartier-centre-achicourt",
        "conseil-de-quartier-centre-beaurains",
    ]


def test_a_slug_never_comes_back(values):
    first = create(values)
    rules.close_body(db.session(), first, on=DAY, reason="Regroupée", end_mandates=True, by=None)
    assert create(values).slug == "conseil-de-quartier-centre-arras"
    rules.close_body(
        db.session(),
        queries.get_body(db.session(), "conseil-de-quartier-centre-arras"),
        on=DAY,
        reason="x",
        end_mandates=True,
        by=None,
    )
    assert create(values).slug == "conseil-de-quartier-centre-2"


@pytest.mark.parametrize(
    ("name", "starts"), [("مجلس الحي", "instance-"), ("Nouvelle", "nouvelle-arras"), ("É" * 200, "e")]
)
def test_every_name_has_a_slug(values, name, starts):
    slug = create(values, name=name).slug
    assert slug.startswith(starts)
    assert len(slug) <= 64


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": " "}, rules.Refusal, "name"),
        ({"name": "x" * 201}, rules.Refusal, "name"),
        ({"family": "autre"}, rules.Refusal, "family"),
        ({"scale": "mondiale"}, rules.Refusal, "scale"),
        ({"level": "dictature"}, rules.Refusal, "level"),
        ({"kind": "inconnu"}, rules.Refusal, "kind"),
        ({"kind": None}, rules.Refusal, "kind"),
        ({"scale": "intercommunale"}, rules.ScaleMismatch, "communes"),
        ({"communes": []}, rules.ScaleMismatch, "communes"),
        ({"opened_on": None}, rules.Refusal, "opened_on"),
        ({"opened_on": dt.date(1926, 3, 12)}, rules.DatesInDisorder, "opened_on"),
    ],
)
def test_a_contradictory_instance_is_refused(values, change, refusal, field):
    with pytest.raises(refusal) as caught:
        rules.create_body(db.session(), replace(values, **change), None)
    assert caught.value.field == field


def test_two_communes_make_an_intercommunal_instance(values, arras):
    communes = [arras, factory.make_commune()]
    with pytest.raises(rules.ScaleMismatch):
        create(values, communes=communes)
    assert create(values, communes=communes, scale="intercommunale").communes == communes


def test_a_quartier_of_another_commune_is_refused(values):
    elsewhere = factory.make_quartier()
    with pytest.raises(rules.QuartierElsewhere, match=elsewhere.name):
        create(values, quartiers=[elsewhere])


def test_a_quartier_shared_by_two_communes_is_accepted(values, arras):
    shared = factory.make_quartier(communes=[arras, factory.make_commune()])
    assert create(values, quartiers=[shared]).quartiers == [shared]


def test_two_open_instances_of_a_commune_cannot_have_one_name(values):
    create(values, name="École ouverte")
    with pytest.raises(rules.NameTaken):
        create(values, name="ÉCOLE OUVERTE")


@pytest.mark.both_databases
def test_a_new_kind_is_made_once(values):
    first = create(values, kind=None, new_kind="Table de quartier")
    second = create(values, name="Autre", kind=None, new_kind="table de Quartier")
    assert first.kind == second.kind == "table_de_quartier"
    assert db.session.get(BodyKind, "table_de_quartier").name == "Table de quartier"


def test_a_new_kind_known_under_its_name_is_that_one(values):
    assert create(values, kind=None, new_kind="Conseil de quartier").kind == "conseil_de_quartier"


def change(body, values, **others):
    changed = rules.change_body(db.session(), body, replace(values, **others), None)
    db.session.commit()
    return changed


@pytest.mark.both_databases
def test_an_old_name_is_kept_for_ever_and_the_address_stays(values):
    body = create(values)
    change(body, values, name="Conseil Centre-Gare")
    change(body, values, name="Conseil Gare")
    assert body.slug == "conseil-de-quartier-centre"
    assert {alias.name for alias in body.aliases} == {"Conseil de quartier Centre", "Conseil Centre-Gare"}
    assert "« Conseil de quartier Centre » devient « Conseil Centre-Gare »" in sentences(body)[1]
    change(body, values)
    db.session.refresh(body)
    assert body.name == "Conseil de quartier Centre"
    assert {alias.name for alias in body.aliases} == {"Conseil Centre-Gare", "Conseil Gare"}


def test_saving_the_same_changes_nothing(values):
    body = create(values)
    assert change(body, values) == {}
    assert (body.version, len(sentences(body))) == (1, 1)


def test_a_change_of_places_alone_makes_a_new_version(values, arras):
    body = create(values)
    change(body, values, quartiers=[factory.make_quartier(communes=[arras])])
    assert body.version == 2
    assert sentences(body)[-1] == "Instance modifiée : les quartiers."


def test_the_journal_does_not_keep_the_presentation(values):
    body = create(values)
    change(body, values, note="Présidée par une personne nommée")
    entries = journal.list_entries(db.session(), "body", body.slug)
    assert "nommée" not in str([(entry.sentence, entry.details) for entry in entries])
    assert entries[-1].details == {"note": None}


def test_the_opening_cannot_come_after_the_closing(values):
    body = create(values)
    rules.close_body(db.session(), body, on=DAY, reason="Fin", end_mandates=True, by=None)
    with pytest.raises(rules.DatesInDisorder):
        change(body, values, opened_on=DAY + dt.timedelta(days=1))


def test_an_instance_closes_once_with_a_reason(values):
    body = create(values)
    with pytest.raises(rules.DatesInDisorder):
        rules.close_body(db.session(), body, on=DAY - dt.timedelta(days=1), reason="x", end_mandates=True, by=None)
    with pytest.raises(rules.Refusal):
        rules.close_body(db.session(), body, on=DAY, reason="  ", end_mandates=True, by=None)
    rules.close_body(db.session(), body, on=DAY, reason="Regroupée avec une autre", end_mandates=True, by=None)
    assert not rules.is_closed(body, DAY), "the last day is an open day"
    assert rules.is_closed(body, DAY + dt.timedelta(days=1))
    with pytest.raises(rules.AlreadyClosed):
        rules.close_body(db.session(), body, on=DAY, reason="x", end_mandates=True, by=None)
    rules.reopen_body(db.session(), body, None)
    assert (body.closed_on, body.closing_reason) == (None, None)
    with pytest.raises(rules.NotClosed):
        rules.reopen_body(db.session(), body, None)
    assert len(sentences(body)) == 3


def test_closing_ends_the_mandates_that_run(values):
    body, council = create(values), create(values, name="Autre conseil")
    here = add_mandate(body)
    sent = add_mandate(council, kind="representant", seat_body=body)
    over = add_mandate(body, ended_on=DAY)
    later = add_mandate(body, started_on=DAY + dt.timedelta(days=100))
    elsewhere = add_mandate(council)
    day = DAY + dt.timedelta(days=30)
    assert rules.close_body(db.session(), body, on=day, reason="Fin", end_mandates=True, by=None) == 2
    assert [m.ended_on for m in (here, sent, over, later, elsewhere)] == [day, day, DAY, None, None]


def test_mandates_may_be_left_running(values):
    body = create(values)
    mandate = add_mandate(body)
    rules.close_body(db.session(), body, on=DAY, reason="Fin", end_mandates=False, by=None)
    assert mandate.ended_on is None


def add_mandate(body, **values):
    defaults = {"kind": "membre", "started_on": DAY, "ended_on": None, "seat_body": None, "name": None}
    mandate = rules.add_mandate(db.session(), body, **(defaults | values), by=None)
    db.session.commit()
    return mandate


def test_a_name_stands_apart_and_never_in_the_journal(values):
    body = create(values)
    mandate = add_mandate(body, name="Camille Fictif")
    assert db.session.scalar(sa.select(MandatePerson.name)) == "Camille Fictif"
    assert "Fictif" not in str([(e.sentence, e.details) for e in journal.list_entries(db.session(), "body", body.slug)])
    rules.erase_name(db.session(), mandate, None)
    db.session.commit()
    assert db.session.scalars(sa.select(MandatePerson)).all() == []
    assert db.session.scalars(sa.select(Mandate)).all() == [mandate]


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"kind": "roi"}, rules.Refusal, "kind"),
        ({"kind": "representant"}, rules.SeatMismatch, "seat_body"),
        ({"kind": "representant", "seat": "itself"}, rules.SeatMismatch, "seat_body"),
        ({"kind": "membre", "seat": "other"}, rules.SeatMismatch, "seat_body"),
        ({"ended_on": DAY - dt.timedelta(days=1)}, rules.DatesInDisorder, "ended_on"),
        ({"started_on": dt.date(1999, 1, 1)}, rules.DatesInDisorder, "started_on"),
        ({"ended_on": dt.date(2099, 1, 1)}, rules.DatesInDisorder, "ended_on"),
        ({"started_on": DAY + dt.timedelta(days=11)}, rules.DatesInDisorder, "started_on"),
    ],
)
def test_a_contradictory_mandate_is_refused(values, change, refusal, field):
    body, other = create(values), create(values, name="Autre")
    rules.close_body(db.session(), body, on=DAY + dt.timedelta(days=10), reason="Fin", end_mandates=True, by=None)
    seat = {"itself": body, "other": other}.get(change.pop("seat", ""))
    with pytest.raises(refusal) as caught:
        add_mandate(body, seat_body=seat, **change)
    assert caught.value.field == field


def test_a_mandate_ends_and_its_end_may_be_corrected(values):
    body = create(values)
    mandate = add_mandate(body)
    with pytest.raises(rules.DatesInDisorder):
        rules.end_mandate(db.session(), mandate, DAY - dt.timedelta(days=1), None)
    for _ in range(2):
        rules.end_mandate(db.session(), mandate, DAY, None)
    rules.end_mandate(db.session(), mandate, DAY + dt.timedelta(days=1), None)
    assert mandate.ended_on == DAY + dt.timedelta(days=1)
    assert len(sentences(body)) == 4


@pytest.mark.both_databases
def test_mandates_are_counted_on_their_first_and_last_day(values):
    body = create(values)
    add_mandate(body, ended_on=DAY + dt.timedelta(days=10))
    days = [DAY + dt.timedelta(days=shift) for shift in (-1, 0, 10, 11)]
    assert [queries.count_mandates(db.session(), body, day) for day in days] == [{}, {"membre": 1}, {"membre": 1}, {}]
