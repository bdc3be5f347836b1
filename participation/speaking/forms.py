"""What a resident's form holds, and what came with it: read from the request, cleaned; nothing is refused here."""

import hashlib
from dataclasses import dataclass
from typing import IO, Any

from flask import Request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, Form, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.following import codes
from participation.following.forms import EVERYBODY, LONGEST_KEPT, TEAM
from participation.following.models import Draft
from participation.forms import clean_text, needed
from participation.speaking.rules import Message

WRITE, TALK, PHOTO = "ecrire", "parler", "photo"
"""The three pages, by their address."""
AUDIO_FIELD, PHOTO_FIELD = "enregistrement", "photo"
FIELDS = {WRITE: ("texte",), TALK: (AUDIO_FIELD,), PHOTO: (PHOTO_FIELD, "texte")}
"""The fields of each page besides who may read; the first is what it is there for."""
MAIN_FIELD = {page: names[0] for page, names in FIELDS.items()}
EMPTY = {
    WRITE: _l("Écrivez votre avis, ou choisissez Parler."),
    TALK: _l("Enregistrez votre voix, ou choisissez Écrire."),
    PHOTO: _l("Choisissez une photo, ou écrivez quelques mots."),
}
"""What to do where nothing was said, on each page."""
TRAP = "site"
"""A field that people do not see; programs fill it in (security.md R09)."""


class SpeakingForm(Form):
    """The fields of the three pages; each shows those that are its own."""

    texte = TextAreaField(_l("Écrivez votre avis"))
    enregistrement = FileField(_l("Dites votre avis avec votre voix"))
    photo = FileField(_l("Montrez un endroit du quartier"))
    lecture = RadioField(
        _l("Qui peut lire votre avis ?"),
        [needed(_l("Choisissez qui peut lire cet avis."))],
        choices=[
            SelectChoice(EVERYBODY, _l("Tout le monde, après la lecture par l'équipe")),
            SelectChoice(TEAM, _l("Seulement l'équipe du quartier")),
        ],
        default=EVERYBODY,
    )


def shown(draft: Draft | None, page: str) -> SpeakingForm:
    """Return the form of a page: empty, or with what was typed before and what was wrong with it."""
    form = SpeakingForm(formdata=None, data=draft.fields if draft else {})
    for name, sentence in (draft.faults if draft else {}).items():
        if name in FIELDS[page]:
            form[name].errors = [sentence]
        else:
            form.form_errors.append(sentence)
    return form


@dataclass(frozen=True)
class Sent:
    """What came with a request: the message, and what says how it came."""

    message: Message
    page: str
    trapped: bool
    audio: FileStorage | None
    photo: FileStorage | None

    @property
    def has_file(self) -> bool:
        """Whether a recording or a photo came with it: a page cannot show it again, it must be chosen again."""
        return bool(self.audio or self.photo)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.message.text or self.has_file)

    def fields(self) -> dict[str, Any]:
        """Return what a draft keeps: what was typed, and which page it was typed in."""
        return {
            "texte": (self.message.text or "")[:LONGEST_KEPT],
            "lecture": TEAM if self.message.reserve else EVERYBODY,
        }


def read(request: Request) -> Sent:
    """Return what was sent. Raises RequestEntityTooLarge beyond the request's limit."""
    audio, photo = _file(request, AUDIO_FIELD), _file(request, PHOTO_FIELD)
    message = Message(
        text=clean_text(request.form.get("texte")),
        code=codes.parse(request.form.get("code", "")),
        reserve=request.form.get("lecture") == TEAM,
        language=request.form.get("langue") or None,
        files=tuple(_digest(file.stream) if file else "" for file in (audio, photo)) if audio or photo else (),
    )
    return Sent(message, _page(request, audio, photo), bool(request.form.get(TRAP)), audio, photo)


def _file(request: Request, name: str) -> FileStorage | None:
    """Return what was chosen in a file field; a field left alone comes as an empty file without a name."""
    file = request.files.get(name)
    return file if file and file.filename else None


def _page(request: Request, audio: FileStorage | None, photo: FileStorage | None) -> str:
    named = request.form.get("page", "")
    if named in MAIN_FIELD:
        return named
    return TALK if audio else PHOTO if photo else WRITE


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # any readable stream will do
    stream.seek(0)
    return digest
