"""« Voir si c'est déjà proposé »: three near proposals beside what is being written; what was typed waits meanwhile.

Nothing is sent by it: the words are kept as a draft (drafts.py), and the form's page shows the proposals with their
buttons of support. Whoever finds hers there supports it; whoever does not sends what she wrote.
"""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from participation.errors import Refusal
from participation.extensions import db
from participation.following import drafts
from participation.origin import from_this_site
from participation.permissions import public
from participation.speaking import answers, flood, forms
from participation.speaking.forms import MAIN_FIELD, Sent
from participation.speaking.keys import FormKey, read_key
from participation.speaking.near import ASKED
from participation.speaking.views import bp


@bp.post("/proches/<cle>")
@public
@from_this_site
def near(cle: str) -> ResponseReturnValue:
    """Keep what was typed, and lead back to the form, which shows what is near."""
    session = db.session()
    sent = forms.read(request)
    try:
        flood.count_address(session, request.remote_addr or "")
        key = read_key(cle)
    except Refusal as refusal:
        session.rollback()
        if refusal.status == 404:
            raise
        return answers.not_taken(cle, sent, refusal)
    if not sent.message.text:
        return answers.back(key, sent, {MAIN_FIELD[sent.page]: str(forms.EMPTY[sent.page])})
    return _shown(key, sent)


def _shown(key: FormKey, sent: Sent) -> ResponseReturnValue:
    session = db.session()
    before = drafts.find(session, key.hashed)
    drafts.save(session, key.hashed, {**(before.fields if before else {}), **sent.fields(), ASKED: True}, {})
    session.commit()
    return redirect(f"/{sent.page}/{key.text}#proches", 303)
