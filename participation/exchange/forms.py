"""What a person may send to import tables."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField

from participation.forms import CreatingForm, needed


class UploadForm(CreatingForm):
    """Files to check."""

    files = MultipleFileField(
        _l("Vos fichiers"),
        description=_l("Un classeur .xlsx, un .zip, ou un ou plusieurs .csv."),
        validators=[needed(_l("Choisissez au moins un fichier."))],
        render_kw={"accept": ".xlsx,.zip,.csv"},
    )


class ConfirmForm(CreatingForm):
    """A summary that was read."""
