"""The contract's settings (/admin): what the file leaves to the élus, and what the operator has not filled in."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from participation.contract import rules
from participation.contract.models import Contract
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.keys import settings
from participation.pages.forms import ResponseDaysForm
from participation.pages.queries import find_contract
from participation.pages.views import bp
from participation.people import outbox
from participation.people.models import MAIL_FAULTS
from participation.permissions import actor, requires

_OPERATORS = {
    "publisher": ("PUBLISHER", _l("Éditeur et directeur de la publication")),
    "host_name": ("HOST_NAME", _l("Hébergeur")),
    "dpo_contact": ("DPO_CONTACT", _l("Délégué à la protection des données")),
    "contact_phone": ("CONTACT_PHONE", _l("Téléphone de l'équipe")),
    "contact_email": ("CONTACT_EMAIL", _l("Courriel de l'équipe")),
    "mail_url": ("MAIL_URL", _l("Envoi des courriels")),
}
"""Settings that pages show or need: field -> variable of the environment, and what it is."""


@bp.get("/admin")
@requires("contract.manage")
def admin() -> str:
    """Show the settings."""
    contract = find_contract(db.session())
    form = ResponseDaysForm(formdata=None, data={"days": contract.response_days} if contract else None)
    return _page(form, contract)


@bp.post("/admin/delai-de-reponse")
@requires("contract.manage")
def confirm_response_days() -> Any:
    """Set and confirm the delay of answers; sent again, it changes nothing."""
    contract = find_contract(db.session())
    if contract is None:
        raise NotFound(_("Aucun contrat n'est chargé."))
    form = ResponseDaysForm()
    if not form.validate():
        return _page(form, contract), 422
    try:
        rules.confirm_response_days(db.session(), contract, form.days.data or 0, actor())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(form, find_contract(db.session())), refusal.status
    db.session.commit()
    flash(_("Le délai de réponse est confirmé. Le public le voit."), "success")
    return redirect(url_for("pages.admin"), 303)


def _page(form: ResponseDaysForm, contract: Contract | None) -> str:
    missing = [named for field, named in _OPERATORS.items() if not getattr(settings(), field)]
    return render_template(
        "pages/admin.html",
        form=form,
        contract=contract,
        missing=missing,
        mails=outbox.state(db.session()),
        mail_faults=MAIL_FAULTS,
    )
