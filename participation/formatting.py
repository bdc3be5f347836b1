"""How dates, numbers and texts are shown: Jinja filters, in the language of the page."""

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING, Any

import nh3
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from participation.clock import to_local
from participation.language import current

if TYPE_CHECKING:  # a heavy library: loaded by the first text in Markdown, not at every start
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LINKED = frozenset({"http", "https", "mailto", "tel"})
"""Schemes of addresses to which a text may lead."""
_TAGS = {
    "p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a",
    "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_GAP = "\N{NO-BREAK SPACE}"
NOT_KNOWN = "non renseigné"
"""In the team's pages, which are in French."""


def date_fr(day: dt.date) -> str:
    """`12 mars 2026`, in the page's language."""
    return _first_of_month(format_date(day, "long", locale=_date_locale()), day)


def date_short(day: dt.date) -> str:
    """`12/03/2026`."""
    return format_date(day, "dd/MM/yyyy", locale="fr")


def weekday_fr(day: dt.date) -> str:
    """`jeudi 12 mars 2026`, in the page's language."""
    return _first_of_month(format_date(day, "full", locale=_date_locale()), day)


def _first_of_month(text: str, day: dt.date) -> str:
    """French says `1er mars` (Lexique de l'Imprimerie nationale); the locale data does not."""
    return re.sub(r"\b1 ", "1er ", text, count=1) if day.day == 1 and current().language == "fr" else text


def time_fr(moment: dt.time | dt.datetime) -> str:
    """`18 h 30` of a clock time, or of a moment seen in Europe/Paris; no line ends within it."""
    time = to_local(moment).time() if isinstance(moment, dt.datetime) else moment
    if current().language == "fr":
        return f"{time.hour}{_GAP}h{f'{_GAP}{time.minute:02}' if time.minute else ''}"
    return format_time(time, "HH:mm", locale="en")


def datetime_fr(moment: dt.datetime) -> str:
    """`12 mars 2026, 18 h 30` of a moment, in Europe/Paris."""
    return _(", ").join((date_fr(to_local(moment).date()), time_fr(moment)))


def number_fr(value: float | None, digits: int = 1) -> str:
    """A number with the language's separators and at most `digits` decimals; `non renseigné` for None."""
    if value is None:
        return _("non renseigné")
    return _decimal(round(value, digits), _number_locale())


def percent_fr(value: float | None) -> str:
    """A share between 0 and 1 as a whole percentage."""
    pattern = "#,##0%" if current().language == "en" else "#,##0 %"
    return _("non renseigné") if value is None else _percent(value, pattern, _number_locale())


@functools.lru_cache(maxsize=4096)
def _decimal(value: float, locale: str) -> str:
    """Write a number; the same few are written again and again, and reading their pattern is what takes the time."""
    return format_decimal(value, locale=locale)


@functools.lru_cache(maxsize=4096)
def _percent(value: float, pattern: str, locale: str) -> str:
    return format_percent(value, pattern, locale=locale)


def french(text: str | None) -> Markup:
    """Mark words of the database or of the contract, which are French, in a page that is not (WCAG 3.1.2).

    `bdi` keeps their direction of writing from mixing with the page's. In a French page they stay as they are.
    """
    lang = french_lang()
    return Markup("<bdi{}>{}</bdi>").format(lang, text) if text and lang else escape(text or "")


def french_lang() -> Markup:
    """Return the attribute for an element whose text is French data: nothing in a page that is in French."""
    return Markup("") if current().language == "fr" else Markup(' lang="fr"')


def markdown(text: str | None) -> Markup:
    """Render Markdown to safe HTML: no raw HTML, headings below those of the page, links marked as outside ones."""
    reader = _markdown_reader()
    html = reader.renderer.render(markdown_tokens(text), reader.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=LINKED)
    return Markup(clean)  # noqa: S704  # cleaned on the line above: the one place where HTML is trusted


def markdown_tokens(text: str | None) -> "list[Token]":
    """Return what a text in Markdown is made of, as a page, a PDF and a DOCX show it.

    Headings stand below one of level 2, and never more than one step down: a text may begin with ### (RGAA 9.1).
    """
    tokens = _markdown_reader().parse(text or "")
    above: list[int] = []  # levels as they were written, of the headings under which a text stands
    for token in tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            above = [*(level for level in above if level < written), written]
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(len(above) + 2, 6)}"
    return tokens


@functools.cache
def _markdown_reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").enable("strikethrough")


def _date_locale() -> str:
    """Return the locale of dates: in English the order of days of the forms, in Arabic the most widely known months."""
    return {"en": "en_GB"}.get(current().language, current().language)


def _number_locale() -> str:
    """Return the locale of numbers: an Arabic page has the digits and separators that are used in France."""
    return {"ar": "fr"}.get(current().language, current().language)


def init_app(app: Flask) -> None:
    """Give the filters to the templates."""
    filters: dict[str, Any] = {
        function.__name__: function
        for function in (date_fr, date_short, weekday_fr, time_fr, datetime_fr, number_fr, percent_fr, french, markdown)
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(french_lang=french_lang)
