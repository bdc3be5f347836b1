"""What the team may send about a meeting's opening and about questions to residents, in which words."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from participation.bodies.models import Question
from participation.clock import from_local, to_local
from participation.contract.models import Quartier
from participation.errors import Refusal
from participation.fields import ClockField, DayField, LineField
from participation.forms import CheckboxListField, EditingForm, at_most, needed
from participation.meetings.models import AskedQuestion, Meeting
from participation.speaking.models import MeetingCode
from participation.speaking.opening import MOST_QUESTIONS, Preparation, default_window, distinct

LONGEST_QUESTION = 200
_DAY = _l("Donnez une date.")
_TIME = _l("Donnez une heure, par exemple 18:30.")


def _question(number: int) -> LineField:
    return LineField(_l("Question %(number)s", number=number), [at_most(LONGEST_QUESTION)])


class QuestionsForm(EditingForm):
    """Up to six questions, in the order in which they are asked; call `offer` before it is shown or validated."""

    question_1 = _question(1)
    question_2 = _question(2)
    question_3 = _question(3)
    question_4 = _question(4)
    question_5 = _question(5)
    question_6 = _question(6)
    ready = CheckboxListField(
        _l("Questions toutes prêtes"),
        validate_choice=False,
        description=_l("Celles que vous cochez s'ajoutent à la fin. Vous pouvez ensuite les changer."),
    )

    def offer(self, ready: Iterable[Question]) -> None:
        """Fill the list of ready-made questions: those that are not asked yet."""
        self._ready = {str(question.id): question for question in ready}
        asked = {field.data for field in self.written()}
        self.ready.choices = [
            SelectChoice(number, f"{question.text} ({question.note})" if question.note else question.text)
            for number, question in self._ready.items()
            if question.text not in asked
        ]

    def written(self) -> list[LineField]:
        """Return the fields of the questions, in their order."""
        return [self[f"question_{number}"] for number in range(1, MOST_QUESTIONS + 1)]

    def questions(self) -> tuple[str, ...]:
        """Return the questions sent, those that were ticked last."""
        ticked = (self._ready[number].text for number in self.ready.data or () if number in self._ready)
        return distinct([*(field.data for field in self.written()), *ticked])


class PreparationForm(QuestionsForm):
    """When one may speak at a meeting, on what, and until when the town answers."""

    opens_on = DayField(_l("Jour d'ouverture"), [needed(_DAY)])
    opens_time = ClockField(_l("Heure d'ouverture"), [needed(_TIME)])
    closes_on = DayField(_l("Jour de fermeture"), [needed(_DAY)])
    closes_time = ClockField(_l("Heure de fermeture"), [needed(_TIME)])
    answer_due_on = DayField(
        _l("Date de réponse annoncée"),
        description=_l("La mairie répond avant cette date. Laissez vide si rien n'est promis."),
    )

    def preparation(self) -> Preparation:
        """Return what was sent, once it is valid. Raises Refusal for a time that the spring clock change skips."""
        return Preparation(
            opens_at=_moment(self.opens_on.data, self.opens_time.data, "opens_time"),
            closes_at=_moment(self.closes_on.data, self.closes_time.data, "closes_time"),
            questions=self.questions(),
            answer_due_on=self.answer_due_on.data,
        )


def prepared(meeting: Meeting, code: MeetingCode | None) -> dict[str, Any]:
    """Return what a PreparationForm holds of a meeting as it is, or as it would be by default."""
    opens_at, closes_at = (code.opens_at, code.closes_at) if code else default_window(meeting)
    opens, closes = to_local(opens_at), to_local(closes_at)
    return {
        "version": str(meeting.version),
        "opens_on": opens.date(),
        "opens_time": opens.time().replace(second=0, microsecond=0),
        "closes_on": closes.date(),
        "closes_time": closes.time().replace(second=0, microsecond=0),
        "answer_due_on": meeting.answer_due_on,
        **asked(meeting.questions),
    }


def asked(questions: Sequence[AskedQuestion]) -> dict[str, Any]:
    """Return what the fields of the questions hold."""
    return {f"question_{number}": question.text for number, question in enumerate(questions, start=1)}


class AskedInQuartier:
    """A quartier with its questions; `version` changes with what is asked (EditingForm)."""

    def __init__(self, quartier: Quartier, questions: Sequence[AskedQuestion]) -> None:
        self.quartier = quartier
        self.questions = questions
        said = "\n".join(question.text for question in questions)
        self.version = hashlib.sha256(said.encode()).hexdigest()[:16]


def _moment(day: dt.date | None, time: dt.time | None, field: str) -> dt.datetime:
    assert day
    assert time
    try:
        return from_local(day, time)
    except ValueError:
        raise Refusal(
            _("Cette heure n'existe pas : cette nuit-là, on passe de 2 h à 3 h. Choisissez une autre heure."),
            field=field,
        ) from None
