"""What the team may send about actions, in which words."""

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, RadioField, TextAreaField, ValidationError
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectField

from participation.actions.queries import DONE, LATE, OPEN
from participation.actions.rules import LONGEST_ACTION, LONGEST_NOTE
from participation.fields import DayField, LineField
from participation.forms import CreatingForm, at_most, needed
from participation.media.rules import LONGEST_DESCRIPTION
from participation.opinions.forms import listed

CLOSED, LEFT = "faites", "a-faire"


class ActionForm(CreatingForm):
    """Plan an action, or change what it says."""

    version = HiddenField()
    text = LineField(
        _l("Ce qui est à faire"),
        [needed(_l("Dites ce qui est à faire, en une phrase.")), at_most(LONGEST_ACTION)],
        description=_l("Par exemple : poser deux bancs place du Quai."),
    )
    owner = LineField(
        _l("Qui s'en occupe ?"),
        [at_most(300)],
        description=_l("Un service ou une fonction, pas le nom d'une personne."),
    )
    due_on = DayField(_l("Pour quand ?"))
    residents = TextAreaField(
        _l("Comment les habitants y participent-ils ?"),
        [at_most(LONGEST_NOTE)],
        description=_l("Par exemple : ils choisissent la place des bancs, le 12 avril."),
    )


class _WithPhoto(CreatingForm):
    """Words of a day, with a photo if there is one."""

    photo = FileField(
        _l("Photo"),
        description=_l("Ne montrez pas de visage. Le lieu caché dans la photo est effacé."),
        render_kw={"accept": "image/*"},
    )
    description = LineField(
        _l("Ce que montre la photo"),
        [at_most(LONGEST_DESCRIPTION)],
        description=_l("Une phrase, lue à ceux qui ne voient pas la photo."),
    )

    def validate_description(self, field: Field) -> None:
        """Ask for the words of a photo."""
        file = request.files.get("photo")
        if file and file.filename and not field.data:
            raise ValidationError(_("Décrivez la photo en une phrase, pour ceux qui ne la voient pas."))


class NewsForm(_WithPhoto):
    """How an action goes on."""

    text = TextAreaField(
        _l("Où en est-on ?"),
        [needed(_l("Dites où en est l'action, en une phrase.")), at_most(LONGEST_NOTE)],
        description=_l("En mots simples. Tout le monde pourra le lire."),
    )
    on_date = DayField(_l("Date"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])
    done = BooleanField(
        _l("L'action est faite"), description=_l("Dites alors ci-dessus ce qui a été fait, et montrez-le si possible.")
    )


class DoneForm(_WithPhoto):
    """Say that a proposal is done, and show it."""

    version = HiddenField()
    short_answer = LineField(
        _l("Ce qui est fait, en une phrase simple"),
        [at_most(300)],
        description=_l("C'est ce que les habitants liront en premier."),
    )
    text = TextAreaField(
        _l("Ce qui a été fait"),
        [needed(_l("Dites ce qui a été fait : les habitants le liront.")), at_most(LONGEST_NOTE)],
        description=_l("En mots simples. Tout le monde pourra le lire."),
    )
    on_date = DayField(_l("Date"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])
    left = RadioField(
        _l("Des actions sont encore ouvertes. Que deviennent-elles ?"),
        choices=listed(((CLOSED, _l("Elles sont faites aussi")), (LEFT, _l("Elles restent à faire")))),
        validate_choice=False,
    )

    def ask_for_open(self, number: int) -> None:
        """Ask what becomes of the actions that are still open; nothing where there are none."""
        if number:
            self.left.validators = [needed(_l("Dites ce que deviennent les actions encore ouvertes."))]
            self.left.flags.required = True
        else:
            del self.left


class DropForm(CreatingForm):
    """Give an action up."""

    reason = TextAreaField(
        _l("Pourquoi l'arrêter ?"),
        [needed(_l("Dites pourquoi cette action s'arrête : tout le monde pourra le lire.")), at_most(LONGEST_NOTE)],
        description=_l("L'action reste visible, avec ce motif."),
    )


class KeyForm(CreatingForm):
    """A button alone."""


class ActionFilters(PlainForm):
    """What the list of actions shows."""

    etat = SelectField(
        _l("Montrer"),
        default=OPEN,
        choices=listed(
            (
                (OPEN, _l("Les actions ouvertes")),
                (LATE, _l("Celles en retard")),
                (DONE, _l("Celles qui sont terminées")),
            )
        ),
    )


class WordsForm(CreatingForm):
    """Publish the words of an evaluation, or say why not."""

    read = HiddenField()
    reason = LineField(
        _l("Pourquoi ne pas les publier ?"),
        [at_most(300)],
        description=_l("La personne pourra le lire. Par exemple : on y reconnaît quelqu'un."),
    )
