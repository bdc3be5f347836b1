"""The list of proposals as it is shown, as a table to work with: CSV or workbook, row by row, never all in memory.

It holds what the pages of these proposals say to everybody; for the team, also the answers that are owed by the default
delay before it was confirmed. Unlike a package (exporting.py) it is made to be read, and is not imported again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import Session, selectinload

from participation.contract.models import Contract
from participation.exchange.csvcells import csv_line
from participation.exchange.writing import LONGEST_XLSX_CELL, Sheet
from participation.keys import settings
from participation.proposals import history
from participation.proposals.models import STEP_KINDS, Proposal
from participation.proposals.queries import card_parts, find_contract
from participation.workbooks import open_workbook

COLUMNS = (
    *("ref", "titre", "texte", "instance", "quartiers", "thematique", "objectifs", "recueillie_le", "etat", "etat_le"),
    *(
        "reponse_attendue_le",
        "en_retard",
        "reponse",
        "repondu_le",
        "reponse_courte",
        "motif",
        "restituee_le",
        "adresse",
    ),
)
_WIDTHS = [16, 40, 60, 30, 24, 24, 16, 14, 18, 12, 18, 10, 18, 12, 40, 60, 14, 40]
_PARTS = (*card_parts(), selectinload(Proposal.objectives))
_BATCH = 500
_CUT = "… (la suite est sur la page)"


class Proposals:
    """The proposals that meet some conditions, as rows of texts, the latest first."""

    def __init__(
        self, connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], today: dt.date, *, team: bool
    ) -> None:
        self._session = Session(connection)
        self._conditions = conditions
        self._today = today
        self._team = team

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, in French, some hundreds of proposals at a time."""
        contract = find_contract(self._session)
        ordered = sa.select(Proposal.id).where(*self._conditions)
        ids = list(self._session.scalars(ordered.order_by(Proposal.received_on.desc(), Proposal.id.desc())))
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            query = sa.select(Proposal).where(Proposal.id.in_(part)).options(*_PARTS)
            found = {proposal.id: proposal for proposal in self._session.scalars(query)}
            with force_locale("fr"):
                lines = [self._row(found[number], contract) for number in part if number in found]
            yield from lines
            self._session.expunge_all()

    def _row(self, proposal: Proposal, contract: Contract | None) -> list[str]:
        answer = history.answer_of(proposal)
        return [
            proposal.ref,
            proposal.title,
            proposal.text or "",
            proposal.body.name,
            ";".join(quartier.name for quartier in proposal.quartiers),
            proposal.theme.name if proposal.theme else "",
            ";".join(objective.code for objective in proposal.objectives),
            proposal.received_on.isoformat(),
            str(STEP_KINDS[proposal.state]),
            proposal.state_on.isoformat(),
            *self._due(proposal, contract),
            str(STEP_KINDS[answer.kind]) if answer else "",
            *((answer.on_date.isoformat(), answer.short_answer or "", answer.reason or "") if answer else ("", "", "")),
            answer.told_on.isoformat() if answer and answer.told_on else "",
            f"{settings().public_url}/propositions/{proposal.ref}",
        ]

    def _due(self, proposal: Proposal, contract: Contract | None) -> tuple[str, str]:
        due = history.due_of(proposal, contract, self._today)
        if due is None or not (due.public or self._team):
            return "", ""
        return due.on.isoformat(), "oui" if due.late else ""


def write_csv(rows: Iterable[list[str]], file: BinaryIO) -> None:
    """Write the table as CSV, in the form of the exchange format: a cell that a spreadsheet would run is a text."""
    file.write(csv_line(COLUMNS).encode())
    file.writelines(csv_line(row).encode() for row in rows)


def write_xlsx(rows: Iterable[list[str]], file: BinaryIO) -> None:
    """Write the table as a workbook, every cell a text; one longer than a cell can be is cut, and says so."""
    with open_workbook(file) as book:
        sheet = Sheet(book, "propositions", list(COLUMNS), _WIDTHS)
        for row in rows:
            sheet.add([_fitting(text) for text in row])


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_XLSX_CELL else text[: LONGEST_XLSX_CELL - len(_CUT)] + _CUT
