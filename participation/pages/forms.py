"""Forms of the contract's settings and of the journal."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from participation.fields import CountField, LineField
from participation.forms import Form, needed


class ResponseDaysForm(Form):
    """The delay of answers, in days."""

    days = CountField(_l("Délai de réponse, en jours"), [needed(_l("Écrivez un nombre de jours, par exemple 60."))])


class JournalFilters(Form):
    """What to look for in the journal."""

    class Meta(Form.Meta):
        """Filters are read with GET: nothing to protect."""

        csrf = False

    genre = SelectField(_l("De quoi"), validate_choice=False)
    ref = LineField(_l("Référence"))

    def offer(self, kinds: dict[str, Any]) -> None:
        """Fill the list of kinds."""
        self.genre.choices = [("", _l("Tout")), *kinds.items()]
