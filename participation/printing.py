"""Paper: PDF from the templates of `templates/print`, by Typst, with fonts of our own and no network.

Data goes to a template as JSON, never as code: what residents wrote cannot change a document, only stand in it.
Documents follow PDF/UA-1 (ISO 14289-1): tagged, with a title and a language. That standard refuses a sign that no font
has, so such signs are replaced: an emoji in one opinion must not cost anybody the whole document.
"""

import functools
import importlib.util
import json
import logging
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from flask import Response
from flask_babel import gettext as _

from participation.keys import settings

if TYPE_CHECKING:
    import typst

ROOT = Path(__file__).parent
"""What templates may read: the program's own files, nothing of the machine's."""
FONTS = ("fontpkg_atkinson_hyperlegible", "fontpkg_ibm_plex_sans_arabic")
MISSING = "\N{WHITE SQUARE}"
"""Stands for signs that no font has."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()  # a Typst compiler serves one thread at a time
_REFUSED = re.compile(r'the text (?:contains the disallowed codepoint )?`"(.*?)"`')
"""What the compiler names: texts that no font shows, and the three signs that mean nothing (ISO 14289-1, 7.21.7)."""
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_ROUNDS = 3


def pdf(template: str, data: dict[str, Any], *, title: str, language: str = "fr") -> bytes:
    """Return the document that `templates/print/<template>.typ` makes of `data` (texts, numbers, lists, mappings).

    `title` and `language` (an ISO 639 code) are the document's own. The same data gives the same bytes. Never fails
    for what a text holds; a template at fault raises typst.TypstError.
    """
    import typst  # here, not at every start: heavy, for paper alone

    given = {**data, "title": title, "language": language}
    for _round in range(_ROUNDS):
        try:
            return _compile(template, given, "ua-1")
        except typst.TypstError as error:
            refused = _REFUSED.findall(str(getattr(error, "diagnostic", error)))
            if not refused:
                raise
            signs = _signs_without_font(refused, set("".join(_texts(given))))
            if not signs:
                break
            _log.warning("%s: %s kinds of signs that no font has are replaced", template, len(signs))
            given = _replaced(given, signs)
    _log.warning("%s: made without the guarantees of PDF/UA", template)
    return _compile(template, given, "1.7")


def letterhead(contract: str | None) -> dict[str, Any]:
    """Return what the head of every paper says: whose it is, and that a demonstration's is fictitious."""
    warning = _("Données de démonstration : tout est fictif.") if settings().demo else None
    return {"site": _("Participation"), "contract": contract, "demo": warning}


def pdf_answer(content: bytes, name: str) -> Response:
    """Return the answer that shows a document in the browser, and keeps it under `name` (without its ending)."""
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _compile(template: str, data: dict[str, Any], standard: Literal["ua-1", "1.7"]) -> bytes:
    with _lock:
        made = _compiler().compile(
            str(ROOT / "templates" / "print" / f"{template}.typ"),
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=[standard],
        )
    assert isinstance(made, bytes)  # a PDF is one file
    return made


@functools.cache
def _compiler() -> "typst.Compiler":
    import typst

    start = ROOT / "templates" / "print" / "look.typ"
    return typst.Compiler(str(start), root=str(ROOT), font_paths=_font_folders(), ignore_system_fonts=True)


def _font_folders() -> list[str]:
    """Return where the fonts are; their packages are found without running them."""
    specs = (importlib.util.find_spec(package) for package in FONTS)
    places = (place for spec in specs if spec for place in spec.submodule_search_locations or ())
    return [str(Path(place) / "files") for place in places]


# Signs that no font has


def _signs_without_font(refused: Iterable[str], written: set[str]) -> set[str]:
    """Return which signs to replace, of the texts that the compiler refuses; `written` are those of the data.

    It names a letter with a mark that it cannot place as two texts: then marks alone go first, as the letter most
    often has a font. What is left is named again in the next round. Between texts of two directions it sets controls of
    its own, and names them beside a sign that has no font: no text has them, so none can lose them.
    """
    signs = {sign for text in refused for sign in _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)}
    marks = {sign for sign in signs if _unseen(sign) and sign in written}
    return marks or {sign for sign in signs if not sign.isascii() and not _unseen(sign)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of the data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _unseen(sign: str) -> bool:
    """Whether a sign is a mark on another one, or a control."""
    return unicodedata.category(sign)[0] in "MC"


def _replaced(value: Any, signs: Iterable[str]) -> Any:
    """Return the data with one MISSING for each run of these signs; marks and controls go without a trace."""
    unseen = set(filter(_unseen, signs))
    seen = set(signs) - unseen
    runs = re.compile(f"[{re.escape(''.join(sorted(seen)))}]+") if seen else None

    def clean(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: clean(inner) for name, inner in part.items()}
        if isinstance(part, list | tuple):
            return [clean(inner) for inner in part]
        if not isinstance(part, str):
            return part
        kept = "".join(sign for sign in part if sign not in unseen)
        return runs.sub(MISSING, kept) if runs else kept

    return clean(value)
