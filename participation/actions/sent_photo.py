"""The photo of a form of the team, read before the transaction that keeps it."""

from flask import request
from flask_babel import gettext as _

from participation.extensions import db
from participation.forms import CreatingForm
from participation.idempotency import was_sent
from participation.media import rules as media
from participation.media.intake import Encoded


def sent_photo(form: CreatingForm) -> Encoded | None:
    """Return the photo that was sent with a form, drawn anew; None where there is none, or where it would not serve.

    A photo is drawn anew in up to a second: no transaction is open meanwhile, which on SQLite would keep every other
    writer out. A form with a fault comes back without its photo, and says so. Raises Refusal beside the field.
    """
    file = request.files.get("photo")
    if file is None or not file.filename:
        return None
    if was_sent(request.form):
        return None  # the first sending has it
    if not form.validate():
        form.form_errors.append(_("Choisissez de nouveau la photo : un fichier ne peut pas être gardé ici."))
        return None
    db.session.rollback()
    return media.read_photo(file.stream)
