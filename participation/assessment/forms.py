"""What a person may send about an assessment: close it, write beside it, sign it, ask for a signature."""

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment.indicators import BLOCKS
from participation.assessment.models import NOTE_KINDS
from participation.assessment.notes import LONGEST
from participation.fields import DayField
from participation.forms import CreatingForm, Form, at_most, needed
from participation.meetings.models import Meeting

CHOICES = [
    SelectChoice("valide", _l("Je valide")),
    SelectChoice("reserve", _l("Je valide avec une réserve")),
    SelectChoice("correction", _l("Je demande une correction")),
]
RESIDENTS = "habitants"


class CloseForm(CreatingForm):
    """Close an assessment."""

    as_of = DayField(
        _l("Situation lue au"),
        [needed(_l("Écrivez la date, comme 31/01/2026."))],
        description=_l("Ce qui est arrivé après cette date ne compte pas."),
    )

    def day(self) -> dt.date:
        """Return the date, once the form is valid."""
        assert self.as_of.data
        return self.as_of.data


class NoteForm(CreatingForm):
    """Write beside a block."""

    kind = RadioField(_l("Vous écrivez"), [needed(_l("Choisissez ce que vous écrivez."))])
    block = SelectField(_l("Partie du bilan"), validate_choice=False)
    text = TextAreaField(
        _l("Votre texte"),
        [needed(_l("Écrivez votre texte.")), at_most(LONGEST)],
        description=_l("N'écrivez pas de nom de personne. Ce texte accompagne le bilan."),
    )

    def offer(self, kinds: tuple[str, ...]) -> None:
        """Offer the kinds of note that the reader may write."""
        self.kind.choices = [SelectChoice(kind, NOTE_KINDS[kind]) for kind in kinds]
        general = [SelectChoice("", _l("Tout le bilan"))] if RESIDENTS in kinds else []
        self.block.choices = [*general, *(SelectChoice(key, title) for key, title in BLOCKS.items())]
        self.block.flags.required = not general
        if general:
            self.text.description = _l(
                "N'écrivez pas de nom de personne. Tout le monde lit ce que disent les habitants."
            )

    def part(self) -> str | None:
        """Return the key of the block; None for what residents say of how they were heard."""
        return None if self.kind.data == RESIDENTS else self.block.data or None


class PresentationForm(Form):
    """Choose the meeting where the assessment is presented."""

    meeting = SelectField(_l("Rencontre où le bilan est présenté"))

    def offer(self, meetings: list[tuple[str, str]]) -> None:
        """Offer meetings as (ref, words)."""
        words = (SelectChoice(ref, said) for ref, said in meetings)
        self.meeting.choices = [SelectChoice("", _l("Pas encore choisie")), *words]

    def show(self, meeting: Meeting | None) -> None:
        """Fill the form with what is there."""
        self.meeting.data = meeting.ref if meeting else ""


class SignForm(CreatingForm):
    """Sign a closed version."""

    choice = RadioField(_l("Votre décision"), [needed(_l("Choisissez votre décision."))], choices=CHOICES)
    words = TextAreaField(
        _l("Votre réserve, ou ce qu'il faut corriger"), [at_most(LONGEST)], description=_l("Chacun pourra la lire.")
    )


class InviteForm(CreatingForm):
    """Send a personal link to sign."""

    function = StringField(
        _l("Fonction de la personne"),
        [needed(_l("Écrivez sa fonction, par exemple : maire d'Achicourt.")), at_most(200)],
        description=_l("Elle signe dans cette fonction. Son nom n'est pas gardé."),
    )
    email = EmailField(
        _l("Adresse e-mail"),
        [needed(_l("Écrivez l'adresse où envoyer le lien.")), at_most(254)],
        description=_l("Elle sert à envoyer le lien, puis elle est effacée."),
    )


class PaperForm(SignForm):
    """Record a signature given on paper."""

    function = StringField(
        _l("Fonction de la personne"), [needed(_l("Écrivez la fonction de qui a signé.")), at_most(200)]
    )
    signed_on = DayField(_l("Signé le"), [needed(_l("Écrivez la date, comme 12/03/2026."))])
    scan = FileField(_l("Scan du papier signé"), description=_l("Un PDF, ou une photo JPEG ou PNG, 10 Mo au plus."))

    def day(self) -> dt.date:
        """Return the date, once the form is valid."""
        assert self.signed_on.data
        return self.signed_on.data

    def content(self) -> bytes:
        """Return the bytes of the scan; empty where none was chosen."""
        upload: Any = self.scan.data
        return upload.read() if upload else b""
