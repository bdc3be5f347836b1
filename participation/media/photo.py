"""Any phone's photo in, JPEG out: 1,600 pixels at most, drawn anew, with nothing in it but the picture.

The pixels are read in a process of their own (redraw.py), whose memory the system bounds; place, camera, comment,
thumbnail and whatever follows the picture stay behind with the original, which is erased at once.
"""

import json
import logging
import sys
from pathlib import Path
from typing import IO

from flask_babel import gettext as _

from participation.errors import Refusal
from participation.media import confined
from participation.media.intake import Encoded, Received, TooHeavy, received
from participation.media.signatures import picture_reader

FIELD = "photo"
"""Name of the form's field."""
LIMITS = confined.Limits(processor=10, wall=20, memory=400 * 1024**2, written=8 * 1024**2)
"""The largest photos that are taken need 250 MB, address space included 310 MB (measured, redraw.py)."""
_SCRIPT = Path(__file__).with_name("redraw.py")  # not imported: Pillow has no business in the server's own process
_TOO_LARGE = 3  # its exit status
_log = logging.getLogger(__name__)


def read(stream: IO[bytes]) -> Encoded:
    """Return the photo, drawn anew. Raises Refusal: empty, too heavy, too large, or no photo that we can read."""
    try:
        with received(stream) as sent:
            return _redraw(sent)
    except TooHeavy:
        raise _refusal(_("La photo est trop lourde. Choisissez une autre photo.")) from None
    except confined.Busy:
        raise _refusal(_("Beaucoup de personnes envoient en même temps. Réessayez dans une minute.")) from None
    except OSError:
        _log.exception("a photo could not be kept")
        raise _refusal(_("Nous ne pouvons pas garder votre photo. Écrivez votre avis.")) from None


def _redraw(sent: Received) -> Encoded:
    if not sent.head:
        raise _refusal(_("La photo est vide. Prenez-la de nouveau."))
    reader = picture_reader(sent.head)
    if reader is None:
        raise _refusal(_("Ce fichier n'est pas une photo. Choisissez une photo."))
    out = sent.folder / "out"
    argv = [sys.executable, "-I", str(_SCRIPT), reader, str(sent.path), str(out)]
    try:
        width, height = json.loads(confined.run(argv, LIMITS, sent.folder))
    except confined.Failed as failed:
        raise _why(failed.code) from None
    return Encoded("photo", out.read_bytes(), width=int(width), height=int(height))


def _why(code: int | None) -> Refusal:
    if code == _TOO_LARGE:
        return _refusal(_("La photo est trop grande. Choisissez une photo plus petite."))
    return _refusal(_("Nous ne pouvons pas lire cette photo. Prenez-en une autre."))


def _refusal(sentence: str) -> Refusal:
    return Refusal(sentence, field=FIELD)
