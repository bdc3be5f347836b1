"""What every form shares: the key that makes it safe to send twice, text that is cleaned, errors in plain French."""

import unicodedata
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from participation import idempotency
from participation.errors import Refusal
from participation.language import current

# Characters that no keyboard writes: NUL and other controls. Tab and line ends stay.
_CONTROLS = {code: None for code in [*range(0x20), 0x7F] if chr(code) not in "\t\n"}


def clean_text(value: str | None) -> str | None:
    """Return the text in NFC, with line feeds, without control characters and surrounding blanks; None if empty."""
    if value is None:
        return None
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).translate(_CONTROLS).strip()
    return text or None


def needed(message: Any) -> Callable[[Any, Any], None]:
    """Return a validator that asks for the field with `message`, which says what to write."""

    def validate(form: Any, field: Any) -> None:
        if field.process_errors:  # something was typed, and what is wrong with it is said already
            return
        if field.data is None or field.data == [] or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation(str(message))

    validate.field_flags = {"required": True}  # type: ignore[attr-defined]  # WTForms' way: others are marked optional
    return validate


def at_most(length: int) -> Callable[[Any, Any], None]:
    """Return a validator for texts of at most `length` characters."""

    def validate(form: Any, field: Any) -> None:
        if field.data and len(field.data) > length:
            raise StopValidation(
                _("Ce texte est trop long : %(n)s caractères, %(max)s au plus.", n=len(field.data), max=length)
            )

    return validate


def named_choice(value: str, name: str, optgroup: str | None = None) -> SelectChoice:
    """Return a choice that bears a name of the database, which is French: marked so in a page that is not."""
    marks = {} if current().language == "fr" else {"lang": "fr"}
    return SelectChoice(value=value, label=name, render_kw=marks, optgroup=optgroup)


class CheckboxListField(SelectMultipleField):
    """Several choices as a list of boxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class Form(FlaskForm):
    """Base of the forms: texts are cleaned; `refuse` puts a rule's refusal beside its field."""

    class Meta(FlaskForm.Meta):
        """Clean every text field before it is validated."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Add `clean_text` to text fields."""
            if issubclass(unbound_field.field_class, StringField | TextAreaField):
                options = {**options, "filters": (*unbound_field.kwargs.get("filters", ()), clean_text)}
            return super().bind_field(form, unbound_field, options)

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; sentences that wait for a language get the page's, so that templates see texts."""
        good = bool(super().validate(extra_validators))
        for field in self._fields.values():
            if isinstance(field.errors, list | tuple):
                field.errors = [str(error) if isinstance(error, LazyString) else error for error in field.errors]
        return good

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the rules beside its field, or above the form if it has none."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]


class CreatingForm(Form):
    """A form that creates: it carries a one-use key (idempotency.py)."""

    cle = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted():
            self.cle.data = idempotency.new_key()


class EditingForm(Form):
    """A form that changes something: it carries the version it was opened on, so that nobody overwrites unseen."""

    version = HiddenField()


NO_CHOICE = ("", _l("Non renseigné"))
"""First choice of an optional list: unknown stays unknown."""
