"""The five sentences: right for none, one and several, honest about what is unknown, careful with what is late."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from flask import Flask

from participation.assessment.findings import findings
from participation.assessment.frame import Frame
from participation.assessment.period import Period
from participation.assessment.results import SMALL_COUNT, Assessment, Coverage, Figure
from participation.assessment.scope import Place, Scope

PLACE = Place(Scope(), 1, "Contrat d'essai")
FRAME = Frame(Period(2025, 2025), PLACE, dt.date(2026, 1, 31), "essai", (2024, 2030), 60, response_days_confirmed=True)
CODES = (
    "PC1.active", "PC1.existing", "PC2.bodies_with_residents", "PC2.bodies", "PC3.bodies", "PC3.attendances",
    "PC4.received", "PC4.answered_share", "PC4.overdue", "D1.first_time_share",
)  # fmt: skip


def share(numerator: int | None, denominator: int | None, why: str | None = None) -> Figure:
    value = numerator / denominator if numerator is not None and denominator else None
    return Figure(value, why=why, parts=True, numerator=numerator, denominator=denominator)


def sentences(app: Flask, frame: Frame = FRAME, *, public: bool = False, **values: Any) -> list[str]:
    given = {code.replace(".", "_"): code for code in CODES}
    figures = {code: Figure(0) for code in CODES} | {code: share(None, 0) for code in CODES if code.endswith("share")}
    for name, value in values.items():
        figures[given[name]] = value if isinstance(value, Figure) else Figure(value)
    assessment = Assessment("essai", frame.period, PLACE, frame.as_of, figures)
    with app.test_request_context():
        return [one.sentence for one in findings(assessment, frame, public=public)]


def counted(value: int | None, meetings: int, of: int) -> Figure:
    return Figure(value, covered=True, coverage=Coverage(meetings, of))


def test_an_empty_year_says_so_and_finds_nothing_about_nothing(app: Flask) -> None:
    nobody = dataclasses.replace(share(None, 0), covered=True, coverage=Coverage(0, 0))
    assert sentences(app, PC3_attendances=counted(0, 0, 0), D1_first_time_share=nobody) == [
        "Aucune instance de participation n'existe encore.",
        "Aucune instance de gouvernance ne s'est réunie.",
        "Aucune rencontre n'a été tenue.",
        "Aucune proposition n'a été reçue.",
    ]


@pytest.mark.parametrize(
    ("number", "of", "said"),
    [
        (0, 3, "Aucune instance de gouvernance ne fait une place aux habitants, sur 3."),
        (1, 1, "1 instance de gouvernance sur 1 fait une place aux habitants."),
        (2, 3, "2 instances de gouvernance sur 3 font une place aux habitants."),
    ],
)
def test_governance_agrees_with_its_number(app: Flask, number: int, of: int, said: str) -> None:
    assert sentences(app, PC2_bodies_with_residents=number, PC2_bodies=of)[1] == said


@pytest.mark.parametrize(
    ("bodies", "present", "said"),
    [
        (1, counted(1, 4, 4), "Des habitants participent à 1 instance. Présences comptées : 1."),
        (5, counted(93, 4, 7), "Des habitants participent à 5 instances. Présences comptées : 93."),
        (
            5,
            counted(93, 1, 7),
            "Des habitants participent à 5 instances. Présences comptées : 93. Compté dans 1 rencontre sur 7.",
        ),
        (0, counted(30, 2, 2), "Présences d'habitants comptées, hors des instances : 30."),
        (0, counted(0, 2, 2), "Aucun habitant n'a été compté dans une rencontre."),
    ],
)
def test_presence_agrees_with_its_number_and_says_what_was_not_counted(
    app: Flask, bodies: int, present: Figure, said: str
) -> None:
    assert sentences(app, PC3_bodies=bodies, PC3_attendances=present)[2] == said


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (share(1, 12), "1 habitant venait pour la première fois (présences comptées : 12)."),
        (share(7, 40), "7 habitants venaient pour la première fois (présences comptées : 40)."),
        (share(0, 30), "Personne ne venait pour la première fois (présences comptées : 30)."),
    ],
)
def test_first_timers_agree_with_their_number(app: Flask, figure: Figure, said: str) -> None:
    assert sentences(app, D1_first_time_share=figure)[4] == said


def test_each_number_knows_the_list_that_it_counts(app: Flask) -> None:
    figures = {code: Figure(0) for code in CODES} | {
        "PC4.received": Figure(9), "PC4.answered_share": share(3, 8), "PC4.overdue": Figure(2),
        "D1.first_time_share": share(None, 0),
    }  # fmt: skip
    assessment = Assessment("essai", FRAME.period, PLACE, FRAME.as_of, figures)
    with app.test_request_context():
        pieces = findings(assessment, FRAME)[3].pieces
    assert [(piece.text, piece.code, piece.part) for piece in pieces if piece.code] == [
        ("3", "PC4.answered_share", "rows"),
        ("8", "PC4.answered_share", "of_rows"),
        ("2", "PC4.overdue", "rows"),
    ]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "Aucune instance de participation ne s'est réunie, sur 12."),
        (1, "1 instance de participation sur 12 s'est réunie."),
        (7, "7 instances de participation sur 12 se sont réunies."),
    ],
)
def test_instances_agree_with_their_number(app: Flask, number: int, said: str) -> None:
    assert sentences(app, PC1_active=number, PC1_existing=12)[0] == said


@pytest.mark.parametrize(
    ("answered", "late", "said"),
    [
        (share(0, 8), 0, "Aucune proposition n'a eu de réponse, sur 8."),
        (share(1, 8), 1, "1 proposition sur 8 a eu une réponse avec ses raisons. 1 réponse est en retard."),
        (share(1062, 1200), 0, "1 062 propositions sur 1 200 ont eu une réponse avec ses raisons."),
        (share(None, 0), 3, "Les propositions reçues ont toutes été retirées. 3 réponses sont en retard."),
    ],
)
def test_answers_agree_with_their_number(app: Flask, answered: Figure, late: int, said: str) -> None:
    found = sentences(app, PC4_received=9, PC4_answered_share=answered, PC4_overdue=late)[3]
    assert found.replace("\u202f", " ") == said


def test_the_public_reads_late_only_where_the_delay_is_confirmed(app: Flask) -> None:
    unconfirmed = dataclasses.replace(FRAME, response_days_confirmed=False)
    given = {"PC4_received": 9, "PC4_answered_share": share(2, 8), "PC4_overdue": 2}
    assert "en retard" in sentences(app, **given, public=True)[3]
    assert "en retard" in sentences(app, unconfirmed, **given)[3]
    told = sentences(app, unconfirmed, public=True, **given)[3]
    assert told.endswith("2 réponses sont attendues depuis plus de 60 jours, ou après la date annoncée.")


def test_what_was_not_counted_or_is_withheld_is_not_zero(app: Flask) -> None:
    assert sentences(app, PC3_attendances=None)[2].startswith("On ne sait pas combien d'habitants")
    assert sentences(app, D1_first_time_share=share(None, None, SMALL_COUNT))[4].startswith("Trop peu de personnes")
    unknown = dataclasses.replace(share(None, None), covered=True, coverage=Coverage(0, 4))
    assert sentences(app, D1_first_time_share=unknown)[4].startswith("On ne sait pas combien de personnes")
