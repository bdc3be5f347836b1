"""What may be decided about the contract besides its file: the delay of answers, which the élus have to set."""

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation import journal
from participation.contract.models import Contract
from participation.errors import Refusal

LONGEST_RESPONSE_DAYS = 365


def confirm_response_days(session: Session, contract: Contract, days: int, by: journal.Actor) -> bool:
    """Set and confirm the delay of answers, in days, and return whether anything changed.

    The public reads « en retard » from it from then on (indicators.md, PC4.overdue); a later load of a contract file
    that only proposes a delay leaves it. Raises Refusal outside 1 to 365.
    """
    if not 1 <= days <= LONGEST_RESPONSE_DAYS:
        raise Refusal(_("Choisissez un délai de 1 à %(max)s jours.", max=LONGEST_RESPONSE_DAYS), field="days")
    before = {"response_days": contract.response_days, "response_days_confirmed": contract.response_days_confirmed}
    after = {"response_days": days, "response_days_confirmed": True}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return False
    contract.response_days, contract.response_days_confirmed = days, True
    sentence = ngettext("Délai de réponse confirmé : %(num)s jour.", "Délai de réponse confirmé : %(num)s jours.", days)
    journal.record(session, "contract.delay_confirmed", contract.slug, sentence, by=by, details=changed)
    return True
