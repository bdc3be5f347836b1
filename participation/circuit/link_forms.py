"""What is sent to split a proposal in two, or to link two."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from participation.fields import LineField
from participation.forms import CreatingForm, at_most, needed
from participation.opinions.rules import LONGEST_TEXT
from participation.proposals.rules import LONGEST_TITLE


class SplitForm(CreatingForm):
    """What goes on apart."""

    version = HiddenField()
    title = LineField(
        _l("Titre de la nouvelle proposition"),
        [needed(_l("Donnez un titre à la proposition, en une phrase courte.")), at_most(LONGEST_TITLE)],
        description=_l("Une phrase courte, que tout le monde comprend."),
    )
    text = TextAreaField(_l("Ce que les habitants proposent"), [at_most(LONGEST_TEXT)])


class LinkForm(CreatingForm):
    """A button of the page of near proposals: which one."""

    proposition = HiddenField()
